//! Rules from outside: what models and nodes try that they may not, judged by canaries: a file that must not change, a
//! listener that must not hear. Each attempt has its row in the audit.

mod agents;
mod at_work;
mod commands;
mod confined;
mod doors;
mod escapes;
mod kit;
mod network;
mod prompts;
mod taking_over;
