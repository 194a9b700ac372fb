//! The page of keys.
//!
//! In comes nothing, out go cells.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Text;

const TEXT: &str = "\
1 to 6           pages: readings, scope, spectrum, phasors, energy, events
Tab, right       the next page; left: the one before
up, down         the channel that scope, spectrum and phasors show
+ -              cycles on the scope, 1 to 10
p, space         pause: readings, scope, spectrum, phasors and energy stand
                 still; the board meters on, events and alarms are told
s                save the picture (scope, spectrum or phasors) as SVG
w                save the samples, the newest 2 s or those of the pause, as CSV
? h              this page, and back
q, Esc, Ctrl-C   leave

Readings, events, alarms, energy and phasors are the board's own. Scope and
spectrum are of the samples that it meters. The scope begins where the voltage
rises through zero. \"pace\" is seconds of samples per second: below 1 the line is
too slow for real time. \"damaged\" counts frames with a wrong checksum, on either
end; \"repeats\" requests that were sent again.";

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect) {
    frame.render_widget(Text::raw(TEXT), area);
}
