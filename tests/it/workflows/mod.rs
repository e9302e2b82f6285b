//! Workflows from outside: started, looked back at, steered, answered, killed and asked why.

mod kit;

mod below;
mod bodies;
mod cuts;
mod definitions;
mod going_back;
mod kills;
mod limits;
mod line;
mod looking;
mod lost_calls;
mod paid_tools;
mod start;
mod steering;
mod tools;
mod travel;
mod undoing;
mod why;
