//! The settings as text and bytes: against ranges written here anew, by a reader written here anew.

mod by_hand;
mod bytes;
mod lines;
mod meaning;
