//! Workflows from outside: started, looked back at, steered, answered, killed and asked why.

mod kit;

mod cuts;
mod definitions;
mod kills;
mod limits;
mod line;
mod looking;
mod start;
mod steering;
mod tools;
mod travel;
mod undoing;
mod why;
