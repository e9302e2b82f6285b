//! The workflows that ship: each can be read, has all that it uses, and comes to its end on the scripts that ship,
//! without a key or a network.

mod outside;
mod shipped;
mod walk;

mod analysis;
mod autoagent;
mod collaboration;
mod debate;
mod teaching;
