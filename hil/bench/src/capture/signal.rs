//! What a board's own signal source is told to give, in volt and ampere.
//!
//! In comes the text of `--signal` and `--change`, out goes the signal as it travels. This file must not know boards.

use std::collections::BTreeMap;
use std::f64::consts::SQRT_2;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, ensure};
use datasets::Channels;
use hil_link::signal::{MAX_TONES, Signal as Wire, Tone, Waveform};
use hil_link::{Config, MAX_CURRENTS};

use crate::header::range;
use crate::place::Place;

/// What the signal begins with.
pub const BEGIN: &str = "hz=50,voltage=230,current=5@-30,residual=0.003";

/// How a signal is told, for `--help`.
pub const GRAMMAR: &str = "\
The board's own signal: NAME=VALUE, separated by commas; what is not told stays as it was.
  hz=F                fundamental in hertz
  CHANNEL=RMS[@DEG]   fundamental of a channel in V or A, and its angle
  CHANNEL.N=RMS[@DEG] harmonic of order N, 2 to 255; up to 8 tones in a channel
  CHANNEL.dc=VALUE    direct part
  CHANNEL             voltage, current (all), current0 to current7, residual
Begins with hz=50,voltage=230,current=5@-30,residual=0.003
Example: hz=60,current0=10@-60,current0.3=2@180,residual.dc=0.002";

/// Sines and direct parts of all channels; [`Signal::default`] is silent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal {
    hz: f64,
    voltage: Wave,
    currents: [Wave; MAX_CURRENTS],
    residual: Wave,
}

/// One channel.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wave {
    dc: f64,
    /// RMS and angle in degrees by order.
    tones: BTreeMap<u8, (f64, f64)>,
}

/// Some of a signal, as it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Items {
    text: String,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Hz(f64),
    Dc(Place, f64),
    Tone(Place, u8, (f64, f64)),
}

impl Signal {
    /// The signal [`BEGIN`].
    ///
    /// # Errors
    /// None that can happen: the text is one of ours.
    pub fn begin() -> Result<Self> {
        let mut signal = Self::default();
        signal.put(&BEGIN.parse().map_err(anyhow::Error::msg)?);
        Ok(signal)
    }

    /// A sine in each channel: RMS and angle in degrees. More currents than a board has are left out.
    pub fn sines(
        hz: f64,
        voltage: (f64, f64),
        currents: impl IntoIterator<Item = (f64, f64)>,
        residual: (f64, f64),
    ) -> Self {
        let mut signal = Self { hz, voltage: Wave::sine(voltage), residual: Wave::sine(residual), ..Self::default() };
        for (wave, sine) in signal.currents.iter_mut().zip(currents) {
            *wave = Wave::sine(sine);
        }
        signal
    }

    /// Puts items in the place of what was.
    pub fn put(&mut self, items: &Items) {
        for item in &items.items {
            match *item {
                Item::Hz(hz) => self.hz = hz,
                Item::Dc(place, dc) => self.waves(place).for_each(|wave| wave.dc = dc),
                Item::Tone(place, order, tone) => self.waves(place).for_each(|wave| {
                    wave.tones.insert(order, tone);
                    // A tone of nothing would take the room of another.
                    wave.tones.retain(|_, (rms, _)| *rms > 0.0);
                }),
            }
        }
    }

    fn waves(&mut self, place: Place) -> impl Iterator<Item = &mut Wave> {
        let waves = match place {
            Place::Voltage => std::slice::from_mut(&mut self.voltage),
            Place::Residual => std::slice::from_mut(&mut self.residual),
            Place::Current(None) => &mut self.currents[..],
            Place::Current(Some(number)) => self.currents.get_mut(number..=number).unwrap_or_default(),
        };
        waves.iter_mut()
    }

    /// The signal as parts of full scale, of the channels of a configuration.
    ///
    /// # Errors
    /// A channel has too many tones or is beyond what can be told.
    pub fn wire(&self, config: &Config) -> Result<Wire> {
        let Self { hz, voltage, currents, residual } = self;
        let waves = Channels { voltage: Some(voltage), currents: currents.iter().collect(), residual: Some(residual) };
        let residual = config.residual.map(|residual| residual.channel);
        let settings = Channels { voltage: config.voltage, currents: config.currents.to_vec(), residual };
        let names = (0..).map(|n| format!("current{n}"));
        let names = Channels {
            voltage: Some("voltage".to_owned()),
            currents: names.take(currents.len()).collect(),
            residual: Some("residual".to_owned()),
        };
        let mut channels = heapless::Vec::new();
        for ((wave, channel), name) in waves.zip(&settings).zip(&names).iter() {
            let waveform = wave.wire(range(channel)).with_context(|| format!("--signal: {name}"))?;
            channels.push(waveform).map_err(|_| anyhow!("--signal: more channels than a board has"))?;
        }
        Ok(Wire { frequency: (hz * 2f64.powi(32)).round() as u64, channels })
    }
}

impl Wave {
    fn sine(tone: (f64, f64)) -> Self {
        Self { dc: 0.0, tones: [(1, tone)].into_iter().filter(|(_, (rms, _))| *rms > 0.0).collect() }
    }

    fn wire(&self, range: f64) -> Result<Waveform> {
        ensure!(self.tones.len() <= MAX_TONES, "{} tones, at most {MAX_TONES}", self.tones.len());
        let part = |value: f64| (value / range * 2f64.powi(31)).round();
        let dc = part(self.dc);
        ensure!(dc.abs() <= f64::from(i32::MAX), "a direct part of {} is beyond the range {range}", self.dc);
        let mut tones = heapless::Vec::new();
        for (&order, &(rms, deg)) in &self.tones {
            let amplitude = part(rms * SQRT_2);
            ensure!(amplitude <= f64::from(u32::MAX), "an RMS of {rms} is far beyond the range {range}");
            // A turn is the whole of 32 bits, so its rounding may be one.
            let phase = ((deg / 360.0).rem_euclid(1.0) * 2f64.powi(32)).round() as u64 as u32;
            let tone = Tone { order, amplitude: amplitude as u32, phase };
            tones.push(tone).map_err(|_| anyhow!("more than {MAX_TONES} tones"))?;
        }
        Ok(Waveform { dc: dc as i32, tones })
    }
}

impl core::fmt::Display for Items {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(&self.text)
    }
}

impl FromStr for Items {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let item = |text: &str| item(text.trim()).map_err(|why| format!("{:?}: {why}", text.trim()));
        Ok(Self { text: text.into(), items: text.split(',').map(item).collect::<Result<_, _>>()? })
    }
}

fn item(text: &str) -> Result<Item, String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is expected, such as voltage=230")?;
    if name == "hz" {
        let hz = number(value).filter(|hz| (0.1..=1_000.0).contains(hz));
        return hz.map(Item::Hz).ok_or_else(|| "a number of hertz from 0.1 to 1000 is expected".into());
    }
    let (channel, part) = name.split_once('.').map_or((name, "1"), |(channel, part)| (channel, part));
    let place: Place = channel.parse()?;
    if part == "dc" {
        return number(value).map(|dc| Item::Dc(place, dc)).ok_or_else(|| "a number is expected".into());
    }
    let order = part.parse().ok().filter(|order| *order > 0);
    let order: u8 = order.ok_or("an order from 1 to 255 or dc is expected behind the channel")?;
    let (rms, deg) = value.split_once('@').unwrap_or((value, "0"));
    let tone = number(rms).filter(|rms| *rms >= 0.0).zip(number(deg));
    tone.map(|tone| Item::Tone(place, order, tone))
        .ok_or_else(|| "RMS or RMS@DEGREES is expected, such as 5@-30".into())
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use hil_link::Nominal;

    fn config() -> Config {
        let ranges = Channels { voltage: Some(400.0), currents: vec![25.0; 2], residual: Some(0.125) };
        plan::config(&ranges, 8000.0, 24, Nominal::Auto).unwrap()
    }

    fn wire(text: &str) -> Result<Wire> {
        let mut signal = Signal::begin().unwrap();
        signal.put(&text.parse().unwrap());
        signal.wire(&config())
    }

    #[test]
    fn a_signal_travels_as_parts_of_full_scale() {
        let wire = wire("hz=60,current1=12.5@90,current1.3=2@-90,residual.dc=-0.0625,voltage=0").unwrap();
        assert_eq!(wire.frequency, 60 << 32);
        assert_eq!(wire.channels.len(), 4);
        assert_eq!(wire.channels[0], Waveform::default());
        let half = (2f64.sqrt() * 2f64.powi(30)).round() as u32;
        assert_eq!(wire.channels[2].tones[0], Tone { order: 1, amplitude: half, phase: 1 << 30 });
        assert_eq!((wire.channels[2].tones[1].order, wire.channels[2].tones[1].phase), (3, 3 << 30));
        assert_eq!(wire.channels[3].dc, -(1 << 30));
        // What was not told is that of the begin.
        let lag = 330.0 / 360.0 * 2f64.powi(32);
        assert!((f64::from(wire.channels[1].tones[0].phase) - lag).abs() < 1.0);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, part) in [
            ("", "NAME=VALUE"),
            ("hz=0", "hertz"),
            ("hz=NaN", "hertz"),
            ("voltage", "NAME=VALUE"),
            ("voltage=-1", "RMS@DEGREES"),
            ("voltage=1@x", "RMS@DEGREES"),
            ("voltage.0=1", "order"),
            ("voltage.256=1", "order"),
            ("current8=1", "current0 to current7"),
            ("residual.dc=inf", "number"),
        ] {
            let refused = text.parse::<Items>().unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
        let many: Vec<String> = (2..11).map(|order| format!("voltage.{order}=1")).collect();
        assert!(format!("{:#}", wire(&many.join(",")).unwrap_err()).contains("voltage: 10 tones, at most 8"));
        assert!(format!("{:#}", wire("residual.dc=0.2").unwrap_err()).contains("beyond the range 0.125"));
        assert!(format!("{:#}", wire("current1=1e6").unwrap_err()).contains("current1"));
        // Of 0 there may be any number.
        let none: Vec<String> = (2..40).map(|order| format!("voltage.{order}=0")).collect();
        assert_eq!(wire(&none.join(",")).unwrap().channels[0].tones.len(), 1);
    }
}
