//! Files and saved cells on a flash that loses its power and its bits.

#[path = "../config/mod.rs"]
mod config;
mod cuts;
mod files;
mod files_cuts;
mod files_damage;
mod files_model;
mod files_reads;
mod nor;
mod saved;
mod saved_cuts;
