//! The device around the meter: what its users see of the readings, and what they press.
//!
//! In come windows, registers, the level of a button and the time; out go the figures and lines that are shown. This
//! module must not know samples, ports or chips, and nothing here can change what is measured or counted.
//!
//! - [`snapshot`]: the one copy of readings that all of a device's outputs show; [`field`]: its figures, in the integers
//!   of the 8311's registers; [`sensor`]: lines and outlets as the 8311 counts them.
//! - [`panel`]: display, button and LED as one. [`display`]: the pages; [`figure`]: a quantity in a field of the display;
//!   [`button`]: presses and holds; [`mode`]: what they lead to; [`led`]: colour and pattern.
//! - [`console`]: a terminal on a serial port.
//! - [`settings`]: what its users may change, as text, as bytes, and what it means to the meter.
pub mod button;
pub mod console;
pub mod display;
pub mod field;
pub mod figure;
pub mod led;
pub mod mode;
pub mod panel;
pub mod sensor;
pub mod settings;
pub mod snapshot;

pub use display::Page;
pub use field::Field;
pub use panel::Panel;
pub use sensor::Sensor;
pub use snapshot::Snapshot;
