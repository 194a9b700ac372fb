//! The header as TOML.
//!
//! In comes a header, out goes text, and the way back; text from outside is checked. This file must not know which lines of
//! a file it stands in.

use anyhow::{Context, Result, anyhow, bail, ensure};
use datasets::Channels;
use hil_link::residual::{Characteristic, Type};
use hil_link::{Channel, Config, EventLimits, MAX_CURRENTS, Monitor, NoLoad, Nominal, Overload, Residual};
use serde::{Deserialize, Serialize};

use super::{Header, Origin, range, rate_hz};
use crate::terminal::plain;

/// Steps per unit of what has 32 and 24 bits behind the point.
const Q32: f64 = 4_294_967_296.0;
const Q24: f64 = 16_777_216.0;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    hil: Hil,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hil {
    board: String,
    first_frame: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    lost_frames: u64,
    trigger: Option<String>,
    trigger_frame: Option<u64>,
    digest: Option<String>,
    rate_hz: f64,
    clock_ppm: f64,
    adc_bits: u8,
    nominal_hz: Option<u8>,
    no_load: Option<NoLoadText>,
    voltage: Option<ChannelText>,
    #[serde(default)]
    currents: Vec<ChannelText>,
    residual: Option<ChannelText>,
    residual_corner_hz: Option<f64>,
    residual_monitor: Option<MonitorText>,
    events: Option<EventsText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoLoadText {
    power_w: f64,
    current_a: f64,
    hysteresis_percent: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelText {
    name: String,
    /// Full-scale peak in volt or ampere.
    range: f64,
    gain_ppm: i32,
    inverted: bool,
    phase_deg: f64,
    delay_samples: f64,
    zero_code: Option<f64>,
    /// RMS in volt or ampere.
    noise: f64,
    clip: Option<(i32, i32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MonitorText {
    rated_a: f64,
    detects: String,
    pre_warning_percent: u8,
    hysteresis_percent: u8,
    characteristic: String,
    response_delay_ms: u32,
    pre_warning_delay_ms: u32,
    release_delay_ms: u32,
    start_up_delay_ms: u32,
    latching: bool,
    least_noise_a: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsText {
    udin_v: f64,
    dip_percent: Option<f64>,
    swell_percent: Option<f64>,
    interruption_percent: Option<f64>,
    hysteresis_percent: f64,
    #[serde(default)]
    overloads: Vec<OverloadText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverloadText {
    /// Number of the current, from 0.
    current: usize,
    threshold_a: f64,
    hysteresis_percent: f64,
    delay_half_cycles: u16,
}

/// The words for settings that have a name.
const TYPES: [(&str, Type); 2] = [("AC", Type::Ac), ("A", Type::A)];
const CHARACTERISTICS: [(&str, Characteristic); 3] = [
    ("general", Characteristic::General),
    ("short-delay", Characteristic::ShortDelay),
    ("selective", Characteristic::Selective),
];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The text of a header.
pub(super) fn write(header: &Header) -> Result<String> {
    let Header { config, names, origin } = header;
    let residual = config.residual.as_ref();
    let (trigger, trigger_frame) = origin.trigger.clone().unzip();
    let hil = Hil {
        board: origin.board.clone(),
        first_frame: origin.first_frame,
        lost_frames: origin.lost_frames,
        trigger,
        trigger_frame,
        digest: origin.digest.map(|digest| format!("{digest:016x}")),
        rate_hz: rate_hz(config),
        clock_ppm: f64::from(config.clock) / 10.0,
        adc_bits: config.adc_bits,
        nominal_hz: match config.nominal {
            Nominal::Auto => None,
            Nominal::Hz50 => Some(50),
            Nominal::Hz60 => Some(60),
        },
        no_load: config.no_load.map(|limit| NoLoadText {
            power_w: limit.power as f64 / Q24,
            current_a: limit.current as f64 / Q32,
            hysteresis_percent: limit.hysteresis,
        }),
        voltage: config.voltage.as_ref().zip(names.voltage.as_ref()).map(|(channel, name)| told(channel, name)),
        currents: config.currents.iter().zip(&names.currents).map(|(channel, name)| told(channel, name)).collect(),
        residual: residual.zip(names.residual.as_ref()).map(|(residual, name)| told(&residual.channel, name)),
        residual_corner_hz: residual.and_then(|residual| residual.corner_mhz).map(|corner| f64::from(corner) / 1e3),
        residual_monitor: residual.and_then(|residual| residual.monitor.as_ref()).map(told_monitor),
        events: config.events.as_ref().map(told_events),
    };
    toml::to_string(&Document { hil }).context("the settings of the meter cannot be written")
}

fn told(channel: &Channel, name: &str) -> ChannelText {
    ChannelText {
        name: name.to_owned(),
        range: range(channel),
        gain_ppm: channel.gain_ppm,
        inverted: channel.inverted,
        phase_deg: f64::from(channel.phase) / 1e3,
        delay_samples: f64::from(channel.delay) / 256.0,
        zero_code: channel.zero.map(|zero| f64::from(zero) / 256.0),
        noise: channel.noise as f64 / Q32,
        clip: channel.clip,
    }
}

fn told_monitor(monitor: &Monitor) -> MonitorText {
    MonitorText {
        rated_a: monitor.rated as f64 / Q32,
        detects: word(&TYPES, monitor.detects),
        pre_warning_percent: monitor.pre_warning_percent,
        hysteresis_percent: monitor.hysteresis_percent,
        characteristic: word(&CHARACTERISTICS, monitor.characteristic),
        response_delay_ms: monitor.response_delay_ms,
        pre_warning_delay_ms: monitor.pre_warning_delay_ms,
        release_delay_ms: monitor.release_delay_ms,
        start_up_delay_ms: monitor.start_up_delay_ms,
        latching: monitor.latching,
        least_noise_a: monitor.least_noise as f64 / Q32,
    }
}

fn told_events(limits: &EventLimits) -> EventsText {
    let percent = |share: u16| f64::from(share) / 100.0;
    let overloads = limits.overloads.iter().enumerate().filter_map(|(current, overload)| {
        let overload = overload.as_ref()?;
        Some(OverloadText {
            current,
            threshold_a: overload.threshold as f64 / Q32,
            hysteresis_percent: percent(overload.hysteresis),
            delay_half_cycles: overload.delay,
        })
    });
    EventsText {
        udin_v: limits.nominal as f64 / Q32,
        dip_percent: limits.dip.map(percent),
        swell_percent: limits.swell.map(percent),
        interruption_percent: limits.interruption.map(percent),
        hysteresis_percent: percent(limits.hysteresis),
        overloads: overloads.collect(),
    }
}

/// The header that a text tells.
pub(super) fn read(text: &str) -> Result<Header> {
    let Document { hil } = toml::from_str(text).map_err(|error| anyhow!("{}", refused(text, &error)))?;
    ensure!((8..=24).contains(&hil.adc_bits), "adc_bits {} is not within 8 to 24", hil.adc_bits);
    ensure!(hil.currents.len() <= MAX_CURRENTS, "{} currents, at most {MAX_CURRENTS}", hil.currents.len());
    let names = Channels {
        voltage: hil.voltage.as_ref().map(|channel| channel.name.clone()),
        currents: hil.currents.iter().map(|channel| channel.name.clone()).collect(),
        residual: hil.residual.as_ref().map(|residual| residual.name.clone()),
    };
    let alone = hil.residual.is_none() && (hil.residual_corner_hz.is_some() || hil.residual_monitor.is_some());
    ensure!(!alone, "settings of a residual current that there is not");
    let digest = |text: String| u64::from_str_radix(&text, 16).with_context(|| format!("digest {text:?}"));
    let origin = Origin {
        board: hil.board,
        first_frame: hil.first_frame,
        lost_frames: hil.lost_frames,
        trigger: hil.trigger.zip(hil.trigger_frame),
        digest: hil.digest.map(digest).transpose()?,
    };
    let config = Config {
        sample_rate: above_0("rate_hz", hil.rate_hz)?,
        clock: steps("clock_ppm", hil.clock_ppm, 10.0)?,
        adc_bits: hil.adc_bits,
        nominal: match hil.nominal_hz {
            None => Nominal::Auto,
            Some(50) => Nominal::Hz50,
            Some(60) => Nominal::Hz60,
            Some(other) => bail!("nominal_hz {other} is neither 50 nor 60"),
        },
        voltage: hil.voltage.as_ref().map(channel).transpose()?,
        currents: hil.currents.iter().map(channel).collect::<Result<_>>()?,
        residual: match &hil.residual {
            None => None,
            Some(residual) => Some(Residual {
                channel: channel(residual)?,
                corner_mhz: hil.residual_corner_hz.map(|hz| steps("residual_corner_hz", hz, 1e3)).transpose()?,
                monitor: hil.residual_monitor.as_ref().map(monitor).transpose()?,
            }),
        },
        no_load: match hil.no_load {
            None => None,
            Some(limit) => Some(NoLoad {
                power: steps("power_w", limit.power_w, Q24)?,
                current: steps("current_a", limit.current_a, Q32)?,
                hysteresis: limit.hysteresis_percent,
            }),
        },
        events: hil.events.as_ref().map(events).transpose()?,
    };
    Ok(Header { config, names, origin })
}

/// The line that is at fault, and why.
fn refused(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = text.lines().nth(before.matches('\n').count()).unwrap_or_default();
    format!("{line:?}: {}", plain(error.message()))
}

fn channel(text: &ChannelText) -> Result<Channel> {
    let within = || format!("channel {:?}", text.name);
    Ok(Channel {
        range: above_0("range", text.range).with_context(within)?,
        gain_ppm: text.gain_ppm,
        inverted: text.inverted,
        phase: steps("phase_deg", text.phase_deg, 1e3).with_context(within)?,
        delay: steps("delay_samples", text.delay_samples, 256.0).with_context(within)?,
        zero: text.zero_code.map(|zero| steps("zero_code", zero, 256.0)).transpose().with_context(within)?,
        noise: steps("noise", text.noise, Q32).with_context(within)?,
        clip: text.clip,
    })
}

fn monitor(text: &MonitorText) -> Result<Monitor> {
    Ok(Monitor {
        rated: above_0("rated_a", text.rated_a)?,
        detects: named(&TYPES, "detects", &text.detects)?,
        pre_warning_percent: text.pre_warning_percent,
        hysteresis_percent: text.hysteresis_percent,
        characteristic: named(&CHARACTERISTICS, "characteristic", &text.characteristic)?,
        response_delay_ms: text.response_delay_ms,
        pre_warning_delay_ms: text.pre_warning_delay_ms,
        release_delay_ms: text.release_delay_ms,
        start_up_delay_ms: text.start_up_delay_ms,
        latching: text.latching,
        least_noise: steps("least_noise_a", text.least_noise_a, Q32)?,
    })
}

fn events(text: &EventsText) -> Result<EventLimits> {
    let percent = |name, share: f64| steps(name, share, 100.0);
    let mut overloads = heapless::Vec::<_, MAX_CURRENTS>::new();
    for overload in &text.overloads {
        ensure!(overload.current < MAX_CURRENTS, "an overload of current {}", overload.current);
        // It only grows: what is there already keeps its place.
        let length = overloads.len().max(overload.current + 1);
        overloads.resize(length, None).map_err(|_| anyhow!("more overloads than currents"))?;
        overloads[overload.current] = Some(Overload {
            threshold: above_0("threshold_a", overload.threshold_a)?,
            hysteresis: percent("hysteresis_percent", overload.hysteresis_percent)?,
            delay: overload.delay_half_cycles,
        });
    }
    Ok(EventLimits {
        nominal: above_0("udin_v", text.udin_v)?,
        dip: text.dip_percent.map(|share| percent("dip_percent", share)).transpose()?,
        swell: text.swell_percent.map(|share| percent("swell_percent", share)).transpose()?,
        interruption: text.interruption_percent.map(|share| percent("interruption_percent", share)).transpose()?,
        hysteresis: percent("hysteresis_percent", text.hysteresis_percent)?,
        overloads,
    })
}

/// A value in steps of which `per` make a unit.
fn steps<T: TryFrom<i128>>(name: &str, value: f64, per: f64) -> Result<T> {
    // A float that is too large for the cast, or none, ends at a bound or 0: neither is what was told.
    let steps = (value * per).round();
    let whole = steps as i128;
    let told = T::try_from(whole).ok().filter(|_| steps.is_finite());
    told.with_context(|| format!("{name} {value} is out of range"))
}

fn above_0(name: &str, value: f64) -> Result<u64> {
    let steps: u64 = steps(name, value, Q32)?;
    ensure!(steps > 0, "{name} {value} is not above 0");
    Ok(steps)
}

fn word<T: Copy + PartialEq>(words: &[(&str, T)], value: T) -> String {
    words.iter().find(|(_, named)| *named == value).map_or_else(String::new, |(word, _)| (*word).to_owned())
}

fn named<T: Copy>(words: &[(&str, T)], field: &str, word: &str) -> Result<T> {
    let named = words.iter().find(|(told, _)| *told == word);
    named.map(|(_, value)| *value).with_context(|| format!("{field} {word:?} is not known"))
}
