//! Workspaces: changes and their undoing, bit by bit; crashes between commits; and whatever tries to get out.

mod changes;
mod crashes;
mod escapes;
mod forks;
mod house;
