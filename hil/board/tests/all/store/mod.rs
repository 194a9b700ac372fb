//! The store of the energy registers on a chip that wraps, waits and tears.

mod bus;
mod common;
mod corruption;
mod cuts;
mod layout;
mod pair;
mod saving;
