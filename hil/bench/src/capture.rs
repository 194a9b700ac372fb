//! `hil capture`: the board's own sample stream to a file.
//!
//! In come the arguments, out goes a file with all that is needed to meter it again. This file must not know how a board is
//! talked to or a format is written.
//!
//! - [`arguments`]: the command line; [`signal`]: what the board samples; [`trigger`]: what is waited for;
//! - [`stream`]: the talk; [`frames`]: what is kept of it.

pub mod arguments;
pub mod frames;
pub mod signal;
pub mod stream;
pub mod trigger;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use datasets::comtrade::MAX_SAMPLE_BYTES;
use datasets::file::{self, Written};
use datasets::recording::Details;
use hil_link::{CalibrationRequest, Config, Nominal, Window};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::board::{Board, Eeprom};
use crate::calibrate::table;
use crate::header::{self, Header, Origin};
use crate::plan::{self, Plan};
use crate::session::{Session, Terms};
use crate::setup::{self, Setup};
use crate::terminal::{print, say};
use crate::{clock, host, interruption, measure};
use arguments::{Capture, Source};
use frames::Frames;
use signal::Signal;
use stream::{Captured, End, Progress, Wanted};

/// Fewest frames of a file that can be read.
const LEAST: u64 = 2;

/// So many gaps are told by their samples.
const TOLD: usize = 10;

/// Runs the command; tells whether there was something to capture.
///
/// # Errors
/// The call, a file or the board is at fault; what has come by then is written.
pub fn command(arguments: &Capture) -> Result<bool> {
    // Sooner than after minutes of capturing.
    file::check(&arguments.file, arguments.force)?;
    let setup = Setup::of(&arguments.inputs, arguments.currents, !arguments.no_residual)?;
    let frames = |time: Duration| (time.as_secs_f64() * setup.rate_hz).round() as u64;
    let (length, pre_trigger) = (frames(arguments.length), frames(arguments.pre_trigger));
    let most = (MAX_SAMPLE_BYTES / (2 + setup.ranges.count()) / size_of::<f64>()) as u64;
    ensure!((LEAST..=most).contains(&length), "--length: from {LEAST} to {most} samples can be read of a file");
    ensure!(pre_trigger <= length, "--pre-trigger: it is a part of --length");
    let is_told = arguments.signal.is_some() || !arguments.change.is_empty();
    ensure!(arguments.source == Source::Signal || !is_told, "--signal and --change are for --source signal");

    let stop = interruption::on(&[SIGINT, SIGTERM, SIGHUP])?;
    let eeprom = Eeprom::of(&arguments.board, arguments.eeprom.as_deref(), false)?;
    let board = Board::with_eeprom(&arguments.board, &arguments.link.image, arguments.link.baud, &eeprom)?;
    let mut session = Session::on(board, Terms { stop: stop.clone(), ..Terms::default() })?;
    let config = config(arguments, &setup, &mut session)?;
    let source = arguments.source;
    let signals = match source {
        Source::Signal => signals(arguments, &config, &frames)?,
        Source::Adc => {
            ensure!(session.info()?.has_adc, "--source adc: the board {} has none", session.hello().board);
            Vec::new()
        }
    };
    let board = format!("{} {}", session.hello().board, session.hello().firmware);
    let mut header = Header::new(config, Origin { board, ..Origin::default() });
    let trigger = arguments.trigger.as_ref();
    let timeout = arguments.timeout.map(frames);
    let wanted = Wanted { header: &header, source, signals, length, trigger, pre_trigger, timeout };
    let begun = SystemTime::now();
    let mut captured = watched(&mut session, &wanted, &stop)?;
    let has_begun = captured.has_begun(&wanted);
    if !has_begun || captured.frames.len() < LEAST {
        let waited = captured.frames.end() as f64 / setup.rate_hz;
        return match captured.end {
            End::Lost(error) => Err(error.context("nothing is written")),
            _ if has_begun => {
                say("hil: interrupted before there was anything to write");
                Ok(false)
            }
            _ => {
                let trigger = trigger.map_or_else(String::new, ToString::to_string);
                say(&format!("hil: no {trigger} in {waited:.3} s; nothing is written"));
                Ok(false)
            }
        };
    }
    let windows = origin(&mut header, &captured, trigger)?;
    let details = details(arguments, &captured, begun, setup.rate_hz);
    let end = std::mem::replace(&mut captured.end, End::Whole);
    let written = write(arguments, &header, &captured, details)?;
    tell(arguments, &header, &captured, &windows, &written)?;
    match end {
        End::Lost(error) => Err(error.context(format!("{} ends early", arguments.file.display()))),
        _ => Ok(true),
    }
}

/// The configuration of the meter, with the board's calibration.
fn config(arguments: &Capture, setup: &Setup, session: &mut Session) -> Result<Config> {
    let nominal = arguments.nominal.unwrap_or(Nominal::Auto);
    let mut config = plan::config(&setup.ranges, setup.rate_hz, setup.adc_bits, nominal)?;
    if let Some(residual) = &mut config.residual {
        residual.corner_mhz = arguments.residual_corner.map(|corner_hz| (corner_hz * 1e3).round() as u16);
    }
    setup::alarms(&arguments.alarms, &mut config);
    let kept = session.calibration(CalibrationRequest::Show)?;
    if let Some(calibration) = kept.calibration.as_ref().filter(|kept| !arguments.no_calibration && !kept.is_empty()) {
        say(&format!("calibration on the board: {}", table::state(&kept)));
        calibration.apply(&mut config);
    }
    Ok(config)
}

/// The board's signal and its changes, by the frames from which on they hold.
fn signals(
    arguments: &Capture,
    config: &Config,
    frames: &dyn Fn(Duration) -> u64,
) -> Result<Vec<(u64, hil_link::Signal)>> {
    let mut signal = Signal::begin()?;
    arguments.signal.iter().for_each(|items| signal.put(items));
    let mut changes: Vec<_> = arguments.change.iter().collect();
    changes.sort_by_key(|(time, _)| *time);
    let mut signals = vec![(0, signal.wire(config)?)];
    for (time, items) in changes {
        signal.put(items);
        signals.push((frames(*time), signal.wire(config)?));
    }
    Ok(signals)
}

/// Captures, with a bar that moves.
fn watched(session: &mut Session, wanted: &Wanted<'_>, stop: &AtomicBool) -> Result<Captured> {
    let rate_hz = header::rate_hz(&wanted.header.config);
    let bar = ProgressBar::new(wanted.length);
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}, {eta_precise} left");
    let taking = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let waiting = ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    bar.set_style(if wanted.trigger.is_some() { waiting } else { taking.clone() });
    let mut is_waiting = wanted.trigger.is_some();
    let lost = |lost: u64| if lost > 0 { format!(", {lost} samples lost") } else { String::new() };
    let captured = stream::capture(session, wanted, stop, &mut |progress, count| match progress {
        Progress::Waiting(frames) => {
            let trigger = wanted.trigger.map_or_else(String::new, ToString::to_string);
            bar.set_message(format!("waiting for {trigger}, {:.1} s{}", frames as f64 / rate_hz, lost(count)));
            bar.tick();
        }
        Progress::Taking(frames) => {
            if std::mem::take(&mut is_waiting) {
                bar.set_style(taking.clone());
                bar.reset_eta();
            }
            bar.set_message(format!("{:.1} s{}", frames as f64 / rate_hz, lost(count)));
            bar.set_position(frames);
        }
    });
    bar.finish_and_clear();
    captured
}

/// Tells the header where the codes are from; gives the readings of a metering that begins with the first of them.
fn origin(header: &mut Header, captured: &Captured, trigger: Option<&trigger::Trigger>) -> Result<Vec<Window>> {
    let first = captured.frames.first();
    header.origin.first_frame = first;
    header.origin.lost_frames = captured.frames.gaps().map(|gap| gap.end - gap.start).sum();
    header.origin.trigger =
        trigger.zip(captured.trigger).map(|(trigger, at)| (trigger.to_string(), at.saturating_sub(first)));
    if first == 0 && captured.trigger.is_none() {
        header.origin.digest = Some(host::digest(&captured.windows));
        return Ok(captured.windows.clone());
    }
    // What is missing is not metered, whatever stands in its place.
    let whole = |channel| captured.frames.column(channel).into_iter().map(Option::unwrap_or_default).collect();
    let mut codes = (0..header.config.channels()).map(whole);
    let codes = header.names.map(|_| codes.next().unwrap_or_default());
    let gaps: Vec<_> =
        captured.frames.gaps().map(|gap| (gap.start - first) as usize..(gap.end - first) as usize).collect();
    host::meter_around(&Plan { config: header.config.clone(), codes, clipped: 0 }, &gaps)
}

/// Which samples of the file are missing, counted from 1.
fn missing(frames: &Frames) -> String {
    let first = frames.first();
    let gaps: Vec<_> = frames.gaps().map(|gap| gap.start - first + 1..=gap.end - first).collect();
    let count: u64 = gaps.iter().map(|gap| gap.end() + 1 - gap.start()).sum();
    if gaps.is_empty() {
        return "none is missing".into();
    }
    let told =
        gaps.iter().take(TOLD).map(|gap| format!("{} to {}", gap.start(), gap.end())).collect::<Vec<_>>().join(", ");
    let more = gaps.len().saturating_sub(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{count} are missing, in {} gaps: {told}{more}", gaps.len())
}

fn details(arguments: &Capture, captured: &Captured, begun: SystemTime, rate_hz: f64) -> Details {
    let at = |frame: u64| clock::comtrade(begun + Duration::from_secs_f64(frame as f64 / rate_hz));
    let frames = &captured.frames;
    let first = frames.first();
    let signal = arguments.signal.iter().map(ToString::to_string);
    let changes = arguments.change.iter().map(|(time, items)| format!("after {} s {items}", time.as_secs_f64()));
    let told: Vec<String> = std::iter::once(signal::BEGIN.to_owned()).chain(signal).chain(changes).collect();
    let source = match arguments.source {
        Source::Signal => format!("signal of the board: {}", told.join("; ")),
        Source::Adc => "ADC of the board".into(),
    };
    Details {
        station: "hil capture".into(),
        start: at(first),
        trigger: at(captured.trigger.unwrap_or(first)),
        notes: vec![
            format!("captured by hil {}; of {} samples {}", env!("CARGO_PKG_VERSION"), span(frames), missing(frames)),
            source,
        ],
        ..Details::default()
    }
}

/// Frames of the file, those that are missing among them.
fn span(frames: &Frames) -> u64 {
    frames.end() - frames.first()
}

fn write(arguments: &Capture, header: &Header, captured: &Captured, details: Details) -> Result<Written> {
    let frames = &captured.frames;
    let value = |code: Option<i32>| code.map_or(f64::NAN, f64::from);
    let codes = (0..header.config.channels()).map(|n| frames.column(n).into_iter().map(value).collect()).collect();
    let recording = header::recording(header, codes, details)?;
    Ok(file::write(&recording, &arguments.file, None, arguments.force)?)
}

/// Says what stands in the file.
fn tell(
    arguments: &Capture,
    header: &Header,
    captured: &Captured,
    windows: &[Window],
    written: &Written,
) -> Result<()> {
    let file = arguments.file.display();
    for lost in &written.lost {
        say(&format!("{file}: not kept: {lost}"));
    }
    let rate_hz = header::rate_hz(&header.config);
    let frames = span(&captured.frames);
    let files: Vec<String> = written.files.iter().map(|file| file.display().to_string()).collect();
    let trigger = match &header.origin.trigger {
        Some((trigger, at)) => format!("; {trigger} at sample {} ({:.6} s)", at + 1, *at as f64 / rate_hz),
        None => String::new(),
    };
    let whose = if header.origin.digest.is_some() { "of the board" } else { "of the core on this machine" };
    let text = format!(
        "{}: {frames} samples of {} channels, {:.3} s, {}{trigger}\n{} windows, digest {whose} {:016x}\n",
        files.join(", "),
        header.config.channels(),
        frames as f64 / rate_hz,
        missing(&captured.frames),
        windows.len(),
        host::digest(windows)
    );
    if arguments.json {
        say(text.trim_end());
        return print(&measure::lines(windows, rate_hz)?);
    }
    print(&text)
}
