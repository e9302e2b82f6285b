//! Tools of knowing, through the registry and a real workflow: code, memory, the web, drawing.

mod code;
mod drawing;
mod kit;
mod memory;
mod outside;
mod web;
mod workspace;
