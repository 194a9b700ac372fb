//! The Modbus slave: every register against closed forms, requests against the specification's own words, any bytes at all.

mod loads;
mod registers;
mod requests;
