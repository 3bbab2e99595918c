//! 青禾 Qinghe: every junior-high pupil's growth in five domains, told by facts
//! and by grade bands, never by scores or ranks.
//!
//! Modules stand in floors: each uses only those above it in this list.

pub mod platform;

pub mod names;

pub mod schema;

pub mod journal;

pub mod access;

pub mod account;

pub mod roster;

pub mod scheme;

pub mod cycle;

pub mod record;

pub mod fitness;

pub mod vision;

pub mod ticks;

pub mod evaluation;

pub mod notice;

pub mod portfolio;

pub mod desk;

pub mod overview;

pub mod site;

pub mod command;

// A page or a print is thousands of small pieces of memory, made on one thread and given
// back on another.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
