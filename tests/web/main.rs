//! The whole program through its front door, on SQLite, or on PostgreSQL when
//! `QINGHE_TEST_POSTGRES` names a server whose role may create databases.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod account_life;
mod backup;
mod case;
mod command;
mod correction;
mod credential;
mod demo;
mod evaluation;
mod evidence;
mod fitness;
mod floors;
mod guardians;
mod handover;
mod journal;
mod migrations;
mod movement;
mod notice;
mod object_store;
mod objection;
mod pdf;
mod pictures;
mod place;
mod portfolio;
mod print_run;
mod record;
mod rights;
mod roster;
mod roster_again;
mod roster_generated;
mod scheme;
mod seal;
mod selection;
mod sign_in;
mod staff;
mod subject;
mod support;
mod ticks;
mod trouble;
mod two_schools;
mod vision;
mod voices;
mod walks;
mod who_may;
