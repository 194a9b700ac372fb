//! A board whose further ports are flooded while it meters: readings, digest and energy registers against the core on this
//! machine.
//!
//! In comes a hand, out goes a point. What is sent is noise, and requests of a Modbus master between silences, of which no
//! answer is ever read: terminals that are wild and dead at once. The link has its own share, a question after each answer.
//! This file must not know what listens at the ports.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::Hand;
use crate::board::Board;
use crate::cases::check;
use crate::plan::Plan;
use crate::report::PointResult;
use crate::suite_energy::load;

/// So much is sent to each port, at least, or it was no flood: more than any buffer on the way holds.
const LEAST_BYTES: u64 = 8_000;

/// To read the 42 registers of the feed.
const REQUEST: [u8; 8] = [0x01, 0x03, 0x04, 0x00, 0x00, 0x2a, 0xc5, 0x25];

/// Longer than the silence that ends a frame.
const SILENCE: Duration = Duration::from_millis(3);

/// Plays the point.
pub fn play(hand: &mut Hand) -> Result<PointResult> {
    let mut point = PointResult::default();
    let plan = load::plan(12.0, &[900.0, 900.0, -400.0], 40.0)?;
    let ports = hand.session.ports().context("a board on a port has no ports that are known")?.clone();
    let stop = AtomicBool::new(false);
    let (played, sent) = thread::scope(|scope| {
        let floods = [&ports.console, &ports.modbus].map(|name| scope.spawn(|| flood(name, &stop)));
        let played = meter(hand, &plan);
        stop.store(true, Ordering::Relaxed);
        let sent = floods.map(|flood| flood.join().unwrap_or_else(|_| Err(anyhow!("a flood has panicked"))));
        (played, sent)
    });
    let windows = played?;
    hand.judge(&plan, &windows, &mut point)?;
    let status = hand.session.status()?;
    point.checks.push(check("frames", "", 0, (plan.frames() as f64, status.frames as f64), 0.0));
    for (name, sent) in ["console", "Modbus"].into_iter().zip(sent) {
        let sent = sent.with_context(|| format!("the {name} port"))?;
        if sent < LEAST_BYTES {
            point.failures.push(format!("{sent} bytes were sent to the {name} port, {LEAST_BYTES} make a flood"));
        }
    }
    Ok(point)
}

/// Plays the plan, asking for the state in between.
fn meter(hand: &mut Hand, plan: &Plan) -> Result<Vec<hil_link::Window>> {
    let most = hand.session.configure(&plan.config)?;
    let mut windows = Vec::new();
    for from in (0..plan.frames()).step_by(most) {
        let to = (from + most).min(plan.frames());
        windows.extend(hand.session.samples(from as u64, &plan.packed(from, to))?);
        hand.session.status()?;
    }
    Ok(windows)
}

/// Sends noise until it is told to stop; returns how much was taken.
fn flood(name: &str, stop: &AtomicBool) -> Result<u64> {
    let mut port = Board::open_port(name)?;
    let (mut seed, mut sent) = (0x9e37_79b9_u32, 0);
    while !stop.load(Ordering::Relaxed) {
        let noise: [u8; 256] = std::array::from_fn(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        let is_request = seed >> 28 == 0;
        if is_request {
            thread::sleep(SILENCE);
        }
        match port.write(if is_request { &REQUEST } else { &noise }) {
            Ok(taken) => sent += taken as u64,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error).context("it cannot be written"),
        }
        if is_request {
            thread::sleep(SILENCE);
        }
    }
    Ok(sent)
}
