//! The web: hubs for participants, health for operators. Each handler is a dozen lines; what it does is elsewhere.
//! Promises: strict headers on every answer, limits on every body, no panic ends the process.
//! Leaves to others: rules (`engage`), storage (`store`), words and looks (`pages`).

pub mod assets;
pub mod door;
pub mod health;
pub mod hub;
pub mod json;
pub mod listen;
pub mod pages;
pub mod problem;
mod routes;
pub mod studio;

pub use routes::router;
