//! The device's front on a board: panel, time, and what the bench asks of both.
//!
//! In come requests and the frames that were metered, out go answers and the wish for factory settings. This file must not
//! know pages or limits, and has no way to the meter or the registers but to look at the snapshot.
//!
//! The panel's time is that of the samples: so many frames, so much time, as in a device whose converter gives the beat.
//! Where a bench plays, samples come faster or slower than on a clock on the wall, and none between two plays; then the
//! bench tells how much time passes. So a minute of holding takes no minute, and the same requests show the same lines on
//! every board.

use hil_link::{BoardInfo, DeviceAnswer, DeviceRequest, PROTOCOL_VERSION, PanelMode, PanelState, ResetCause, Response};

use crate::device::led::Link;
use crate::device::mode::{Mode, Wish};
use crate::device::{Page, Panel, Snapshot};
use crate::platform::Platform;

/// Microseconds of a second, with 16 bits behind the point, as rates have.
const SECOND: u64 = 1_000_000 << 16;

/// Panel and time.
pub(crate) struct Front {
    panel: Panel,
    link: Link,
    is_pressed: bool,
    time_us: u64,
    /// What is left of the time of frames, in parts of a rate.
    rest: u64,
    /// Time of the platform's clock when the board started; 0 without one.
    started_us: u64,
    cause: ResetCause,
    restarts: u32,
    factory_resets: u32,
    /// For how long a page stays.
    view_us: u64,
    /// Factory settings are wished for.
    is_reset_wanted: bool,
}

impl Front {
    /// At power-up; a page stays for this time.
    pub(crate) fn new<P: Platform>(platform: &mut P, view_us: u64) -> Self {
        Self {
            panel: panel(0, false, view_us),
            link: Link::Absent,
            is_pressed: false,
            time_us: 0,
            rest: 0,
            started_us: platform.microseconds(),
            cause: platform.reset_cause(),
            restarts: 0,
            factory_resets: 0,
            view_us,
            is_reset_wanted: false,
        }
    }

    /// How the link stands.
    pub(crate) fn set_link(&mut self, link: Link) {
        self.link = link;
        // It was counted in parts of another rate.
        self.rest = 0;
    }

    /// So many frames were metered, at a rate with 32 bits behind the point.
    pub(crate) fn frames(&mut self, frames: u64, sample_rate: u64) {
        // 2 000 Hz and more, and half a second of frames at most: 15 bits of frames, 51 of the product.
        let rate = (sample_rate >> 16).max(1);
        let time = frames.saturating_mul(SECOND).saturating_add(self.rest);
        self.rest = time % rate;
        self.pass(time / rate);
    }

    /// Does what a request asks of the panel; [`answer`](Self::answer) comes when what it wishes is done.
    pub(crate) fn act(&mut self, request: DeviceRequest) {
        match request {
            DeviceRequest::Info | DeviceRequest::Panel => {}
            DeviceRequest::Button { pressed, pass_ms } => {
                self.is_pressed = pressed;
                self.pass(0);
                self.pass(u64::from(pass_ms) * 1_000);
            }
            DeviceRequest::Restart { held } => self.restart(held),
        }
    }

    /// The answer to a request; `settings` is the digest of those in use.
    pub(crate) fn answer<P: Platform>(
        &self,
        request: DeviceRequest,
        snapshot: &Snapshot,
        settings: u64,
        platform: &mut P,
    ) -> Response {
        Response::Device(match request {
            DeviceRequest::Info | DeviceRequest::Restart { .. } => DeviceAnswer::Info(self.info(settings, platform)),
            DeviceRequest::Panel | DeviceRequest::Button { .. } => DeviceAnswer::Panel(self.state(snapshot)),
        })
    }

    /// Takes the wish for factory settings.
    pub(crate) fn take_reset(&mut self) -> bool {
        core::mem::take(&mut self.is_reset_wanted)
    }

    /// The factory settings that were wished for are made, or could not be.
    pub(crate) fn reset_done(&mut self, is_made: bool) {
        self.factory_resets = self.factory_resets.saturating_add(is_made.into());
        self.panel.reset_done(is_made);
        // Its end may be over by now.
        self.pass(0);
    }

    /// For how long a page stays from now on.
    pub(crate) fn set_view_us(&mut self, view_us: u64) {
        self.view_us = view_us;
        self.panel.set_view_us(view_us);
    }

    /// Time passes.
    fn pass(&mut self, us: u64) {
        self.time_us = self.time_us.saturating_add(us);
        self.panel.step(self.time_us, self.is_pressed);
        if let Some(Wish::FactoryReset) = self.panel.take_wish() {
            self.is_reset_wanted = true;
        }
    }

    fn restart(&mut self, held: bool) {
        self.restarts = self.restarts.saturating_add(1);
        self.cause = ResetCause::Software;
        self.is_pressed = held;
        self.panel = panel(self.time_us, held, self.view_us);
    }

    /// What the board is; `settings` is the digest of those in use.
    pub(crate) fn info<P: Platform>(&self, settings: u64, platform: &mut P) -> BoardInfo {
        let now_us = platform.microseconds();
        BoardInfo {
            board: P::NAME.try_into().unwrap_or_default(),
            firmware: P::FIRMWARE.try_into().unwrap_or_default(),
            program: env!("CARGO_PKG_VERSION").try_into().unwrap_or_default(),
            protocol: PROTOCOL_VERSION,
            uptime_us: (now_us > 0).then(|| now_us.saturating_sub(self.started_us)),
            reset_cause: self.cause,
            restarts: self.restarts,
            factory_resets: self.factory_resets,
            settings: Some(settings),
            has_adc: platform.adc().is_some(),
        }
    }

    fn state(&self, snapshot: &Snapshot) -> PanelState {
        let led = self.panel.led(self.link);
        PanelState {
            lines: self.panel.lines(snapshot),
            colour: led.colour,
            pattern: led.pattern,
            is_lit: self.panel.is_lit(self.link),
            mode: match self.panel.mode() {
                Mode::View(page) => PanelMode::View(number(page)),
                Mode::AskMaintenance => PanelMode::AskMaintenance,
                Mode::Maintenance => PanelMode::Maintenance,
                Mode::AskFirmware => PanelMode::AskFirmware,
                Mode::AskFactory => PanelMode::AskFactory,
                Mode::Resetting => PanelMode::Resetting,
                Mode::NotReset => PanelMode::NotReset,
            },
            window: snapshot.number(),
            time_us: self.time_us,
        }
    }
}

fn panel(now_us: u64, is_held: bool, view_us: u64) -> Panel {
    let mut panel = Panel::new(now_us, is_held);
    panel.set_view_us(view_us);
    panel
}

fn number(page: Page) -> u8 {
    Page::ALL.iter().take_while(|&&other| other != page).count() as u8
}
