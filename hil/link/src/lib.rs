//! Frames and messages that bench and board speak over a serial link.
