/* C interface of the metering core. Written by cbindgen: HIL_UPDATE=1 cargo test -p metering-core-capi --test header */

#ifndef METERING_CORE_H
#define METERING_CORE_H

#include <stddef.h>
#include <stdint.h>

/* A constant in volt, ampere or hertz with 32 bits behind the point; no floating point is left in the program. */
#define METERING_Q32(value) ((uint64_t)((value) * 4294967296.0))
/* A constant in watt with 24 bits behind the point. */
#define METERING_Q24(value) ((int64_t)((value) * 16777216.0))

// Version of this interface: grows by one whenever a structure or a function changes its meaning.
#define METERING_VERSION 1

// Current channels of a meter.
#define METERING_CURRENTS 8

// `channel` of a fault that belongs to no channel.
#define METERING_NO_CHANNEL -1

// `channel` of the voltage. Currents count from 0.
#define METERING_VOLTAGE 100

// `channel` of the residual current.
#define METERING_RESIDUAL 101

// The window was not locked to the mains throughout: values are provisional.
#define METERING_SETTLING 1

// A code of a configured channel lay at or beyond its clip codes.
#define METERING_CLIPPED 2

// A voltage channel is configured but carries no mains voltage.
#define METERING_NO_VOLTAGE 4

// Samples were lost in the window.
#define METERING_GAP 8

// A half cycle's callback said that an event was on.
#define METERING_EVENT 16

// Pre-warning is on; see `metering_residual_state`.
#define METERING_STATE_PRE_WARNING 1

// Alarm is on: the trip output.
#define METERING_STATE_ALARM 2

// The sensor gives less than its own noise.
#define METERING_STATE_SENSOR_SILENT 4

// The sensor stands at one end of its range.
#define METERING_STATE_SENSOR_SATURATED 8

// A self-test runs.
#define METERING_STATE_SELF_TEST 16

// Bytes of a `metering_state`: the largest of what the targets and widths need.
#define METERING_STATE_SIZE 5864

// Its alignment.
#define METERING_STATE_ALIGN 8

// What a function returns. 0 is success; with anything else nothing was done, unless the function says otherwise.
enum metering_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Done.
  METERING_STATUS_OK = 0,
  // A pointer is null that must not be.
  METERING_STATUS_NULL = 1,
  // A pointer is not aligned for what it points to.
  METERING_STATUS_MISALIGNED = 2,
  // The memory is too short for a state, or codes do not make whole frames.
  METERING_STATUS_SHORT = 3,
  // A length is beyond the address space.
  METERING_STATUS_LENGTH = 4,
  // The memory holds no meter, or one of the other width of codes.
  METERING_STATUS_STATE = 5,
  // The meter is at work: it was called from within its own callback, or by an interrupt during a call.
  METERING_STATUS_BUSY = 6,
  // A setting is out of its range; the fault names it.
  METERING_STATUS_CONFIG = 7,
  // There is no such channel, or it is not configured.
  METERING_STATUS_CHANNEL = 8,
  // Energy registers contradict themselves.
  METERING_STATUS_CORRUPT = 9,
  // The monitor cannot do this now, or there is none.
  METERING_STATUS_REFUSED = 10,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum metering_status metering_status;
#else
typedef int32_t metering_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A setting of `metering_config`.
enum metering_field
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // No setting is wrong.
  METERING_FIELD_NONE = 0,
  // `sample_rate`, allowed are 2 000 to 64 000 Hz.
  METERING_FIELD_SAMPLE_RATE = 1,
  // `clock`, allowed are -10 000 to 10 000 tenths of a ppm.
  METERING_FIELD_CLOCK = 2,
  // `code_bits`, allowed are 8 to 16 with `int16_t`, 8 to 24 with `int32_t`.
  METERING_FIELD_CODE_BITS = 3,
  // `nominal_hz`, allowed are 0, 50 and 60.
  METERING_FIELD_NOMINAL_HZ = 4,
  // `range` of a channel, allowed are 1 mV to 10 MV or 1 µA to 10 MA.
  METERING_FIELD_RANGE = 5,
  // `gain_ppm` of a channel, allowed are -500 000 to 500 000.
  METERING_FIELD_GAIN_PPM = 6,
  // `phase` of a channel, allowed are -10 000 to 10 000 thousandths of a degree.
  METERING_FIELD_PHASE = 7,
  // `delay` of a channel, allowed are -2 560 to 2 560 256ths of a sample.
  METERING_FIELD_DELAY = 8,
  // `zero` of a channel, allowed are the codes of the ADC.
  METERING_FIELD_ZERO = 9,
  // `noise` of a channel, allowed is up to the range.
  METERING_FIELD_NOISE = 10,
  // `clip_low` and `clip_high` of a channel, allowed are two rising codes of the ADC.
  METERING_FIELD_CLIP = 11,
  // `corner_mhz`, allowed are 0 and 500 to 10 000 mHz.
  METERING_FIELD_CORNER_MHZ = 12,
  // `rated`, allowed are 6 mA to 10 A, at most a third and at least 1/1024 of the range, at least 8 codes.
  METERING_FIELD_RATED = 13,
  // `detects`, allowed are 0 and 1.
  METERING_FIELD_DETECTS = 14,
  // `pre_warning_percent`, allowed are 50 to 100.
  METERING_FIELD_PRE_WARNING_PERCENT = 15,
  // `hysteresis_percent` of the monitor, allowed are 10 to 25.
  METERING_FIELD_HYSTERESIS_PERCENT = 16,
  // `characteristic`, allowed are 0, 1 and 2.
  METERING_FIELD_CHARACTERISTIC = 17,
  // `response_delay_ms`, allowed are 0 to 10 ms (general), 0 ms (short-delay), 0 to 15 ms (selective).
  METERING_FIELD_RESPONSE_DELAY_MS = 18,
  // `pre_warning_delay_ms`, allowed are 0 to 10 000 ms.
  METERING_FIELD_PRE_WARNING_DELAY_MS = 19,
  // `release_delay_ms`, allowed are 0 to 300 000 ms.
  METERING_FIELD_RELEASE_DELAY_MS = 20,
  // `start_up_delay_ms`, allowed are 0 to 10 000 ms.
  METERING_FIELD_START_UP_DELAY_MS = 21,
  // `least_noise`, allowed is up to the rated current.
  METERING_FIELD_LEAST_NOISE = 22,
  // `no_load`, allowed are 0 to 1 MW, 0 to 100 kA, a hysteresis of 0 to 100 percent.
  METERING_FIELD_NO_LOAD = 23,
  // No channel is used, at least one is needed.
  METERING_FIELD_CHANNELS = 24,
  // A setting that this version cannot name.
  METERING_FIELD_OTHER = 25,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum metering_field metering_field;
#else
typedef int32_t metering_field;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Shape of a residual current.
enum metering_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Below 50 µA, half a code, or twice the channel's noise.
  METERING_KIND_NONE = 0,
  // A sine.
  METERING_KIND_SINUSOIDAL = 1,
  // Pulsating direct current in the positive direction.
  METERING_KIND_PULSATING_POSITIVE = 2,
  // The same in the negative direction.
  METERING_KIND_PULSATING_NEGATIVE = 3,
  // Anything else.
  METERING_KIND_OTHER = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum metering_kind metering_kind;
#else
typedef uint8_t metering_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What changed.
enum metering_change
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // The current reached the response of the pre-warning.
  METERING_CHANGE_PRE_WARNING = 0,
  // The current reached the response of the alarm: trip.
  METERING_CHANGE_ALARM = 1,
  // The sensor gives less than its own noise: open or shorted.
  METERING_CHANGE_SENSOR_SILENT = 2,
  // The sensor stands at one end of its range.
  METERING_CHANGE_SENSOR_SATURATED = 3,
  // A self-test ended: `on` tells whether the test current was seen in time.
  METERING_CHANGE_SELF_TEST = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum metering_change metering_change;
#else
typedef uint8_t metering_change;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Settings of a channel. Zeroes but for `used` and `range` are a channel that needs no correction.
typedef struct metering_channel_config {
  // Full-scale peak, the value of the code 2^(code_bits - 1): volt or ampere times 2^32. 1 mV to 10 MV, 1 µA to 10 MA.
  uint64_t range;
  // RMS of the channel's own noise, volt or ampere times 2^32; subtracted in quadrature. 0 to the range.
  uint64_t noise;
  // Correction of the gain in ppm, -500 000 to 500 000: readings are multiplied by 1 + this/1 000 000.
  int32_t gain_ppm;
  // Code of no voltage or current, in 256ths; counts only with `dc_is_signal`.
  int32_t zero;
  // Codes at and beyond which the channel counts as clipped; both 0: the ends of the ADC's range.
  int32_t clip_low;
  // The upper one.
  int32_t clip_high;
  // By how much the sensor lags at the fundamental, 0.001 degree, -10 000 to 10 000.
  int16_t phase;
  // By how much the channel is sampled later than its frame, 1/256 sample, -2 560 to 2 560.
  int16_t delay;
  // Not 0: the channel is there.
  uint8_t used;
  // Not 0: wired the wrong way round, its sign is changed.
  uint8_t inverted;
  // Not 0: the mean is a signal that counts in RMS and power; 0: an offset of the sensor, removed.
  uint8_t dc_is_signal;
  // 0.
  uint8_t reserved;
} metering_channel_config;

// When the residual current warns and trips (IEC 61008-1).
typedef struct metering_monitor_config {
  // Rated residual operating current, ampere times 2^32: 6 mA to 10 A, at most a third of the range.
  uint64_t rated;
  // RMS that the channel's noise never falls below, ampere times 2^32; 0: not looked at.
  uint64_t least_noise;
  // For how long more the current must stay before the alarm, ms: 0 to 10 (general), 0 (short-delay), 0 to 15.
  uint32_t response_delay_ms;
  // The same of the pre-warning, 0 to 10 000 ms.
  uint32_t pre_warning_delay_ms;
  // For how long the current must stay away before alarm or pre-warning are taken back, 0 to 300 000 ms.
  uint32_t release_delay_ms;
  // For how long after the start nothing is decided, 0 to 10 000 ms.
  uint32_t start_up_delay_ms;
  // Not 0: there is a monitor.
  uint8_t used;
  // Which currents: 0 type A, 1 type AC.
  uint8_t detects;
  // Response of the pre-warning in percent of the alarm's, 50 to 100.
  uint8_t pre_warning_percent;
  // By how much the current must fall below a response, in percent of it, 10 to 25.
  uint8_t hysteresis_percent;
  // 0 general, 1 short-delay, 2 selective (type S).
  uint8_t characteristic;
  // Not 0: the alarm stays until it is reset.
  uint8_t latching;
  // 0.
  uint16_t reserved;
} metering_monitor_config;

// Below which a current counts as no load; both must be undercut.
typedef struct metering_no_load_config {
  // Magnitude of the active power, watt times 2^24, 0 to 1 MW.
  int64_t power;
  // RMS current, ampere times 2^32, 0 to 100 kA.
  uint64_t current;
  // Not 0: there is a threshold.
  uint8_t used;
  // Hysteresis in percent, 0 to 100.
  uint8_t hysteresis;
  // 0.
  uint8_t reserved[6];
} metering_no_load_config;

// Settings of a meter. Begin with `metering_config_default`.
typedef struct metering_config {
  // Frames per second as the clock's makers say, hertz times 2^32: 2 000 to 64 000 Hz.
  uint64_t sample_rate;
  // Bits of a code: 8 to 16 with `int16_t`, 8 to 24 with `int32_t`; signed, right-aligned.
  uint32_t code_bits;
  // How much faster the clock runs than `sample_rate` says, -10 000 to 10 000 in 0.1 ppm.
  int16_t clock;
  // Nominal frequency: 50, 60, or 0: by the measured one.
  uint8_t nominal_hz;
  // 0.
  uint8_t reserved;
  // The voltage.
  struct metering_channel_config voltage;
  // The currents.
  struct metering_channel_config currents[METERING_CURRENTS];
  // The residual current; its phase and delay mean nothing.
  struct metering_channel_config residual;
  // Corner (-3 dB) of the residual current's transformer in mHz, 500 to 10 000; 0: direct-coupled.
  uint32_t corner_mhz;
  // 0.
  uint32_t reserved2;
  // When the residual current warns and trips.
  struct metering_monitor_config monitor;
  // No-load threshold of all currents.
  struct metering_no_load_config no_load;
} metering_config;

// A meter. Only its size means something to the caller. It holds no address: it may be copied and moved between calls.
typedef struct metering_state {
  // Private to the library.
  uint64_t memory[733];
} metering_state;

// Which setting is wrong.
typedef struct metering_fault {
  // The setting: a `metering_field`.
  int32_t field;
  // Whose setting: 0 to 7 a current, METERING_VOLTAGE, METERING_RESIDUAL, METERING_NO_CHANNEL.
  int32_t channel;
} metering_fault;

// Codes of 8 to 16 bits, one buffer per channel, as a DMA leaves them.
typedef struct metering_block_i16 {
  // Codes of the voltage; not looked at where it is not configured.
  const int16_t *voltage;
  // The same of the currents.
  const int16_t *currents[METERING_CURRENTS];
  // The same of the residual current.
  const int16_t *residual;
  // Codes in each of them.
  size_t frames;
} metering_block_i16;

// Voltage over a window; all 0 where `present` is 0.
typedef struct metering_voltage_reading {
  // True RMS without DC, V times 2^32.
  uint64_t rms;
  // RMS of the fundamental, V times 2^32.
  uint64_t fundamental;
  // Mean, V times 2^32.
  int64_t dc;
  // Largest magnitude without DC, V times 2^32.
  uint64_t peak;
  // 1: the channel is configured.
  uint32_t present;
  // 0.
  uint32_t reserved;
} metering_voltage_reading;

// Energies of a current, watt-seconds (var-seconds, volt-ampere-seconds) times 2^16; they saturate.
typedef struct metering_energy_reading {
  // Active, towards the load.
  uint64_t forward_active;
  // Active, from the load.
  uint64_t reverse_active;
  // Fundamental reactive of a lagging current.
  uint64_t forward_reactive;
  // Fundamental reactive of a leading current.
  uint64_t reverse_reactive;
  // Apparent.
  uint64_t apparent;
} metering_energy_reading;

// A current over a window; all 0 where `present` is 0.
typedef struct metering_current_reading {
  // True RMS without DC, A times 2^32.
  uint64_t rms;
  // RMS of the fundamental, A times 2^32.
  uint64_t fundamental;
  // Mean, A times 2^32.
  int64_t dc;
  // Largest magnitude without DC, A times 2^32.
  uint64_t peak;
  // Active power P, W times 2^24, positive towards the load.
  int64_t active;
  // Fundamental active power P1, W times 2^24.
  int64_t fundamental_active;
  // Fundamental reactive power Q1, var times 2^24, positive when the current lags.
  int64_t reactive;
  // What went through in this window.
  struct metering_energy_reading energy;
  // arg V1 - arg I1 in degrees times 2^23, positive when the current lags.
  int32_t phase;
  // 1: the channel is configured.
  uint8_t present;
  // 1: there are powers, as a voltage is configured.
  uint8_t has_power;
  // 1: below the no-load threshold, nothing counts as energy.
  uint8_t no_load;
  // 0.
  uint8_t reserved;
} metering_current_reading;

// Residual current over a window or a cycle; all 0 where `present` is 0.
typedef struct metering_residual_reading {
  // True RMS without smooth DC, A times 2^32.
  uint64_t rms;
  // RMS without any DC, A times 2^32.
  uint64_t ac;
  // True RMS with smooth DC, A times 2^32; 0 where `has_total` is 0.
  uint64_t total;
  // Mean of the pulsation, A times 2^32.
  int64_t dc;
  // Largest distance from the level at rest, A times 2^32.
  uint64_t peak;
  // 1: the channel is configured.
  uint8_t present;
  // 1: `total` is known.
  uint8_t has_total;
  // Shape: a `metering_kind`.
  uint8_t kind;
  // 0.
  uint8_t reserved[5];
} metering_residual_reading;

// A window of 10 cycles (50 Hz) or 12 (60 Hz). Windows follow each other without a gap.
typedef struct metering_reading {
  // Frames from the first one of the stream to the end of the window, lost ones included.
  uint64_t end_frame;
  // Length in frames times 2^16.
  uint64_t length;
  // Duration by the calibrated clock, s times 2^32.
  uint64_t duration;
  // Time since the end of the window before, s times 2^32.
  uint64_t elapsed;
  // METERING_SETTLING and the like.
  uint32_t flags;
  // Mains frequency, Hz times 2^24; 0 where it is not known.
  uint32_t frequency;
  // The voltage.
  struct metering_voltage_reading voltage;
  // The currents.
  struct metering_current_reading currents[METERING_CURRENTS];
  // The residual current.
  struct metering_residual_reading residual;
} metering_reading;

// A change of the residual current's state, and when it was decided.
typedef struct metering_notice {
  // Frames from the first one of the stream up to and with the one that decided.
  uint64_t frame;
  // What changed: a `metering_change`.
  uint8_t change;
  // 1: it began; 0: it ended.
  uint8_t on;
  // 0.
  uint8_t reserved[6];
} metering_notice;

// RMS over one cycle, anew each half cycle (IEC 61000-4-30: Urms(1/2)).
typedef struct metering_half_cycle {
  // Frames from the first one of the stream to the end of this half cycle.
  uint64_t end_frame;
  // V times 2^32; 0 where it is not configured.
  uint64_t voltage;
  // A times 2^32; 0 where a channel is not configured.
  uint64_t currents[METERING_CURRENTS];
} metering_half_cycle;

// What is called while codes are taken. A function that is null is not called, and what only it needs is not computed.
// The pointers a function gets are valid until it returns. It may not use the meter: it gets METERING_STATUS_BUSY.
typedef struct metering_callbacks {
  // Handed to each function.
  void *user;
  // A window has ended.
  void (*window)(void *user, const struct metering_reading *reading);
  // The residual current's state has changed: called at the frame that decides, the place to trip.
  void (*residual_notice)(void *user, const struct metering_notice *notice);
  // A cycle of the residual current has ended; costs some roots each.
  void (*residual_cycle)(void *user, uint64_t end_frame, const struct metering_residual_reading *reading);
  // A half cycle has ended; costs a root per channel each. Not 0: an event is on, the window is flagged
  // METERING_EVENT.
  int32_t (*half_cycle)(void *user, const struct metering_half_cycle *half_cycle);
} metering_callbacks;

// Codes of 8 to 24 bits, one buffer per channel.
typedef struct metering_block_i32 {
  // Codes of the voltage; not looked at where it is not configured.
  const int32_t *voltage;
  // The same of the currents.
  const int32_t *currents[METERING_CURRENTS];
  // The same of the residual current.
  const int32_t *residual;
  // Codes in each of them.
  size_t frames;
} metering_block_i32;

// Powers and factors of one current (IEEE 1459-2010): W, var, VA times 2^24, factors times 2^30.
typedef struct metering_derived {
  // Apparent power S = V·I.
  int64_t apparent;
  // Non-active power N.
  int64_t nonactive;
  // Fundamental apparent power S1.
  int64_t fundamental_apparent;
  // Harmonic active power PH = P - P1.
  int64_t harmonic_active;
  // Current distortion power DI.
  int64_t current_distortion;
  // Voltage distortion power DV.
  int64_t voltage_distortion;
  // Harmonic apparent power SH.
  int64_t harmonic_apparent;
  // Non-fundamental apparent power SN.
  int64_t nonfundamental;
  // Power factor P/S with the sign of P; 0 where S is 0.
  int32_t power_factor;
  // Displacement factor P1/S1.
  int32_t fundamental_power_factor;
  // Total harmonic distortion of the voltage, times 2^24.
  uint32_t voltage_thd;
  // The same of the current.
  uint32_t current_thd;
  // Crest factor of the voltage, times 2^24.
  uint32_t voltage_crest;
  // The same of the current.
  uint32_t current_crest;
  // Quadrant 1 to 4 of P and Q1.
  uint32_t quadrant;
  // 0.
  uint32_t reserved;
} metering_derived;

// A current in the 8311's register units; all 0 where it is not configured or has no voltage.
typedef struct metering_current_units {
  // RMS in mA.
  int32_t current;
  // Active power in W.
  int32_t active;
  // Fundamental reactive power in var.
  int32_t reactive;
  // Apparent power in VA.
  int32_t apparent;
  // Power factor in 0.001, with its sign.
  int32_t power_factor;
  // Power angle in 0.1 degree.
  int32_t power_angle;
} metering_current_units;

// A reading in the 8311's register units, each rounded to the nearest; a value beyond a register becomes its end.
typedef struct metering_units_8311 {
  // Voltage in V.
  int32_t voltage;
  // Frequency in 0.01 Hz.
  int32_t frequency;
  // The currents.
  struct metering_current_units currents[METERING_CURRENTS];
  // Residual current, true RMS, in 0.1 mA.
  int16_t residual;
  // 0.
  int16_t reserved;
} metering_units_8311;

// Registers of one current.
typedef struct metering_energy_account {
  // The continuous registers.
  struct metering_energy_reading continuous;
  // What they were at the last reset.
  struct metering_energy_reading at_reset;
  // Time of operation at the last reset, s times 2^32.
  uint64_t reset_at;
} metering_energy_account;

// Registers of all currents: begin with all zeroes, or with what was kept.
typedef struct metering_energy_registers {
  // Time of operation, s times 2^32.
  uint64_t operation;
  // One per current.
  struct metering_energy_account accounts[METERING_CURRENTS];
} metering_energy_registers;

// Energies in whole Wh, varh or VAh, what is begun not counted: the low 32 bits, which go on from 0 after 2^32 - 1 (the
// SNMP counter); as int32_t they are the Modbus register.
typedef struct metering_energy_hours {
  // Active, both directions.
  uint32_t absolute_active;
  // Active, towards the load.
  uint32_t forward_active;
  // Active, from the load.
  uint32_t reverse_active;
  // Reactive, both directions.
  uint32_t absolute_reactive;
  // Reactive, lagging.
  uint32_t forward_reactive;
  // Reactive, leading.
  uint32_t reverse_reactive;
  // Apparent.
  uint32_t apparent;
} metering_energy_hours;

// Registers of one current in the 8311's units.
typedef struct metering_energy_units {
  // Since the beginning.
  struct metering_energy_hours continuous;
  // Since the reset.
  struct metering_energy_hours resettable;
  // Whole seconds of operation.
  uint32_t operation_s;
  // Whole seconds of operation since the reset.
  uint32_t since_reset_s;
} metering_energy_units;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Version of the library; compare it with METERING_VERSION.
uint32_t metering_version(void);

// Name of a `metering_field` as it stands in `metering_config`; "other" for a number that is none. Never null, never
// freed.
const char *metering_field_name(int32_t field);

// Settings of 8 000 frames per second and codes of 16 bits without a channel: set `used` and `range` of those that are
// there. The monitor, not used, is of type A with 30 mA, general, and waits 0.5 s at the start and 1 s to release.
//
// Asks of the caller:
// `config` is null or points to a `metering_config`.
metering_status metering_config_default(struct metering_config *config);

// Bytes that this library really uses of a `metering_state`, METERING_STATE_SIZE at most.
size_t metering_state_size(void);

// Makes a meter for codes of 8 to 16 bits in `state`, which has `size` bytes: `sizeof` of it. METERING_STATUS_BUSY for a
// meter that is at work; memory that may hold one whose call never returned is set to zero first. With
// METERING_STATUS_CONFIG `fault` (may be null) names the setting that is wrong. This call takes most of the stack: below
// 11 KiB on a Cortex-M.
//
// Asks of the caller:
// `state` is null or points to `size` bytes that nothing else uses; the others are null or point to what they say.
metering_status metering_init_i16(struct metering_state *state,
                                  size_t size,
                                  const struct metering_config *config,
                                  struct metering_fault *fault);

// The same for codes of 8 to 24 bits.
//
// Asks of the caller:
// As for `metering_init_i16`.
metering_status metering_init_i32(struct metering_state *state,
                                  size_t size,
                                  const struct metering_config *config,
                                  struct metering_fault *fault);

// Takes a block of any length, also none; calls back for each window that ends in it. How a stream is cut into blocks
// changes no bit of the readings.
//
// Asks of the caller:
// Pointers are null or point to what they say, the buffers of configured channels to `frames` codes; nothing writes
// there before the call returns.
metering_status metering_push_i16(struct metering_state *state,
                                  const struct metering_block_i16 *block,
                                  const struct metering_callbacks *callbacks);

// The same with codes of 8 to 24 bits; a code beyond 24 bits counts as the nearest one.
//
// Asks of the caller:
// As for `metering_push_i16`.
metering_status metering_push_i32(struct metering_state *state,
                                  const struct metering_block_i32 *block,
                                  const struct metering_callbacks *callbacks);

// Takes frames as a scanning ADC leaves them: the codes of the configured channels in the order voltage, currents,
// residual, frame after frame. METERING_STATUS_SHORT, and nothing taken, where `count` codes are not whole frames.
//
// Asks of the caller:
// As for `metering_push_i16`, with `count` codes.
metering_status metering_push_interleaved_i16(struct metering_state *state,
                                              const int16_t *codes,
                                              size_t count,
                                              const struct metering_callbacks *callbacks);

// The same with codes of 8 to 24 bits.
//
// Asks of the caller:
// As for `metering_push_interleaved_i16`.
metering_status metering_push_interleaved_i32(struct metering_state *state,
                                              const int32_t *codes,
                                              size_t count,
                                              const struct metering_callbacks *callbacks);

// Tells that `frames` frames were lost; the window is flagged METERING_GAP. The lock is kept for up to a second.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_gap_i16(struct metering_state *state,
                                 uint64_t frames,
                                 const struct metering_callbacks *callbacks);

// The same for codes of 8 to 24 bits.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_gap_i32(struct metering_state *state,
                                 uint64_t frames,
                                 const struct metering_callbacks *callbacks);

// Frames taken so far, lost ones included.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_frames(struct metering_state *state, uint64_t *frames);

// What is on of the residual current: METERING_STATE_PRE_WARNING and the like; 0 without a monitor.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_residual_state(struct metering_state *state, uint32_t *bits);

// Begins a self-test of the residual current's monitor: switch on a test current of 1.5 times the rated one, and off
// when METERING_CHANGE_SELF_TEST is told. METERING_STATUS_REFUSED without a monitor, during the start-up delay, an alarm
// or another test.
//
// Asks of the caller:
// `state` is null or points to a `metering_state`.
metering_status metering_residual_test(struct metering_state *state);

// Takes the residual current's alarm and pre-warning back, latched or not.
//
// Asks of the caller:
// `state` is null or points to a `metering_state`.
metering_status metering_residual_reset(struct metering_state *state);

// What follows from a reading for current `channel`, 0 to 7.
// METERING_STATUS_CHANNEL where it is not configured or has no voltage.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_derive(const struct metering_reading *reading,
                                uint32_t channel,
                                struct metering_derived *derived);

// A reading in the 8311's register units.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_units(const struct metering_reading *reading, struct metering_units_8311 *units);

// Adds the energies of a window: call it for each reading. METERING_STATUS_CORRUPT, and nothing added, where the
// registers contradict themselves.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_energy_add(struct metering_energy_registers *registers,
                                    const struct metering_reading *reading);

// Clears the resettable registers of current `channel`, 0 to 7, and its seconds since reset.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_energy_reset(struct metering_energy_registers *registers, uint32_t channel);

// The registers of current `channel`, 0 to 7, in Wh, varh, VAh and s.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_energy_read(const struct metering_energy_registers *registers,
                                     uint32_t channel,
                                     struct metering_energy_units *units);

// Takes the next reading into a digest, which begins with 0.
//
// Asks of the caller:
// Pointers are null or point to what they say.
metering_status metering_digest_update(uint64_t *digest, const struct metering_reading *reading);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* METERING_CORE_H */

#if __STDC_VERSION__ >= 201112L
_Static_assert(sizeof(metering_state) == METERING_STATE_SIZE, "a state has the size the library was built for");
_Static_assert(_Alignof(metering_state) <= METERING_STATE_ALIGN, "a state has the alignment of the library's");
#endif
