//! Tests of supervision: the rules against a second statement of OTP's, and the actor on every road out.

mod exits;
mod kit;
mod oracle;
mod rules;
mod shutdown;
mod strategies;
mod tree;
