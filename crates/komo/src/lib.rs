#![doc = include_str!("../README.md")]

pub mod app;
pub mod backfill;
pub mod braze_desk;
pub mod cli;
pub mod clock;
pub mod config;
pub mod deliver;
pub mod erase;
pub mod hubfile;
pub mod ledger;
pub mod live;
pub mod mail;
pub mod secrets;
pub mod serve;
pub mod telemetry;
pub mod web;
