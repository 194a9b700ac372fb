//! The screen after the built-in strip was metered on this machine: the same on every machine, for tests and for the
//! README.
//!
//! In comes nothing, out goes a model. Its readings are the core's, to the last bit those of a board.

use anyhow::Result;
use hil_link::{EnergyState, Memory, Status};
use metering_core::energy::Registers;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::model::{Counters, Message, Met, Model};
use super::{draw, signal};
use crate::host;

/// The model after four seconds of the strip.
///
/// # Errors
/// None that can happen: the strip is one that the core takes.
pub fn model() -> Result<Model> {
    let signal::Signal { name, plan } = signal::strip()?;
    let mut model = Model::default();
    let met = Met {
        board: "virtual".into(),
        firmware: env!("CARGO_PKG_VERSION").into(),
        signal: name,
        config: plan.config.clone(),
    };
    model.update(Message::Met(Box::new(met)));
    model.update(Message::Samples(plan.codes.clone()));
    let (windows, notices) = host::listen(&plan)?;
    let mut registers = Registers::<{ hil_link::MAX_CURRENTS }>::default();
    for reading in host::readings(&plan)? {
        registers.add(&reading);
    }
    let energy = EnergyState {
        operation: registers.operation().to_bits(),
        channels: registers.accounts().iter().map(Into::into).collect(),
        memory: Memory::Blank,
        saved: None,
        pending: false,
        saves: 0,
        faults: 0,
    };
    let status = Status {
        frames: plan.frames() as u64,
        windows: windows.len() as u32,
        digest: host::digest(&windows),
        ..Status::default()
    };
    for window in windows {
        model.update(Message::Window(Box::new(window)));
    }
    model.update(Message::Notices(Box::new(notices)));
    model.update(Message::Energy(Box::new(energy)));
    model.update(Message::Counters(Counters { status, pace: 1.0, ..Counters::default() }));
    Ok(model)
}

/// A model as text of 80 columns and 24 lines.
///
/// # Errors
/// None that can happen: a buffer in memory can always be drawn on.
pub fn text(model: &Model) -> Result<String> {
    let (width, height) = draw::LEAST;
    let mut terminal = Terminal::new(TestBackend::new(width, height))?;
    terminal.draw(|frame| draw::draw(frame, model))?;
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned() + "\n";
    Ok((0..height).map(line).collect())
}
