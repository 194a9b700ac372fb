//! The clocks, and the divider of a serial port's speed.
//!
//! In come wishes, out go numbers for registers, or that there is none. This file must not know a register, so it is tested
//! on the PC.

/// Clock of the processor in hertz.
pub const CLOCK_HZ: u32 = 168_000_000;

/// Clock of the first peripheral bus, and with it of USART2 and USART3.
pub const APB1_HZ: u32 = CLOCK_HZ / 4;

/// Clock of the second peripheral bus, and with it of USART1 and the ADC.
pub const APB2_HZ: u32 = CLOCK_HZ / 2;

/// Clock of the timers on the first peripheral bus.
pub const TIMER_HZ: u32 = 2 * APB1_HZ;

/// Divider of a port's clock for a speed, in sixteenths as the register has it: a bit takes so many cycles. `None` where
/// the speed is further than 1 % from what can be had: with the other end's own error a frame of ten bits bears 4 %.
pub const fn baud_divider(clock_hz: u32, baud: u32) -> Option<u16> {
    if baud == 0 {
        return None;
    }
    let divider = (clock_hz as u64 + baud as u64 / 2) / baud as u64;
    // 16 samples a bit at least; RM0090, 30.3.4.
    if divider < 16 || divider > u16::MAX as u64 {
        return None;
    }
    let error = (divider * baud as u64).abs_diff(clock_hz as u64);
    if error * 100 > clock_hz as u64 { None } else { Some(divider as u16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manual's own tables of speeds at 42 and 84 MHz, sampled 16 times; RM0090, 30.3.4.
    #[test]
    fn dividers_of_the_manual() {
        let sixteenths = |clock, baud| baud_divider(clock, baud).map(|divider| f64::from(divider) / 16.0);
        for (baud, expected) in [(9_600, 546.875), (115_200, 45.5625), (921_600, 5.6875), (5_250_000, 1.0)] {
            assert_eq!(sixteenths(APB2_HZ, baud), Some(expected), "{baud}");
        }
        for (baud, expected) in [(19_200, 136.75), (115_200, 22.8125)] {
            assert_eq!(sixteenths(APB1_HZ, baud), Some(expected), "{baud}");
        }
    }

    #[test]
    fn speeds_that_the_port_cannot_have() {
        // 84 MHz / 17.5 is as far from 17 as from 18, 2.9 %.
        for baud in [0, 1_200, 4_800_000, 5_400_000, u32::MAX] {
            assert_eq!(baud_divider(APB2_HZ, baud), None, "{baud}");
        }
    }
}
