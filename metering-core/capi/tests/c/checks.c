/*
 * Calls every function of the C interface with null, short and misaligned arguments, then the checks of sines.c.
 * Prints each check that fails; exits with 1 if one did. Built and run by tests/host.rs.
 */
#include "checks.h"

static int failures, checks;

metering_state state;
metering_config config;
metering_callbacks callbacks;

void check(int holds, const char *what, int line) {
    checks++;
    if (!holds) failures++, printf("line %d: %s\n", line, what);
}

metering_config one_voltage(uint32_t bits) {
    metering_config made;
    memset(&made, 0x5a, sizeof made);
    GIVES(OK, metering_config_default(&made));
    made.code_bits = bits;
    made.voltage.used = 1;
    made.voltage.range = METERING_Q32(400);
    return made;
}

static void bad_init(void) {
    metering_fault fault;
    config = one_voltage(16);
    GIVES(NULL, metering_config_default(NULL));
    GIVES(MISALIGNED, metering_config_default(ASKEW(&config)));
    GIVES(NULL, metering_init_i16(NULL, sizeof state, &config, &fault));
    GIVES(NULL, metering_init_i16(&state, sizeof state, NULL, &fault));
    GIVES(MISALIGNED, metering_init_i16(ASKEW(&state), sizeof state, &config, &fault));
    GIVES(MISALIGNED, metering_init_i16(&state, sizeof state, ASKEW(&config), &fault));
    GIVES(MISALIGNED, metering_init_i16(&state, sizeof state, &config, ASKEW(&fault)));
    GIVES(SHORT, metering_init_i16(&state, sizeof state - 1, &config, &fault));
    GIVES(SHORT, metering_init_i16(&state, 0, &config, NULL));
    GIVES(NULL, metering_init_i32(NULL, sizeof state, &config, &fault));
    GIVES(NULL, metering_init_i32(&state, sizeof state, NULL, &fault));
    GIVES(MISALIGNED, metering_init_i32(ASKEW(&state), sizeof state, &config, &fault));
    GIVES(MISALIGNED, metering_init_i32(&state, sizeof state, ASKEW(&config), &fault));
    GIVES(SHORT, metering_init_i32(&state, sizeof state - 1, &config, &fault));
    CHECK(metering_version() == METERING_VERSION);
    CHECK(metering_state_size() <= METERING_STATE_SIZE && metering_state_size() + 64 > METERING_STATE_SIZE);
}

/* One wrong setting each: which field and channel are named. */
#define REFUSED(change, field_name, channel_number)                                                       \
    do {                                                                                                  \
        metering_fault fault = {-7, -7};                                                                  \
        config = one_voltage(16);                                                                         \
        config.residual.used = config.monitor.used = config.no_load.used = 1;                             \
        config.residual.range = METERING_Q32(1);                                                          \
        GIVES(OK, metering_init_i16(&state, sizeof state, &config, &fault));                              \
        CHECK(fault.field == METERING_FIELD_NONE && fault.channel == METERING_NO_CHANNEL);                \
        change;                                                                                           \
        GIVES(CONFIG, metering_init_i16(&state, sizeof state, &config, NULL));                            \
        GIVES(CONFIG, metering_init_i16(&state, sizeof state, &config, &fault));                          \
        CHECK(strcmp(metering_field_name(fault.field), field_name) == 0);                                 \
        check(fault.channel == (channel_number), #change " names " #channel_number, __LINE__);            \
    } while (0)

static void bad_settings(void) {
    REFUSED(config.sample_rate = METERING_Q32(1999), "sample_rate", METERING_NO_CHANNEL);
    REFUSED(config.clock = 10001, "clock", METERING_NO_CHANNEL);
    REFUSED(config.code_bits = 17, "code_bits", METERING_NO_CHANNEL);
    REFUSED(config.nominal_hz = 55, "nominal_hz", METERING_NO_CHANNEL);
    REFUSED(config.voltage.range = 0, "range", METERING_VOLTAGE);
    REFUSED(config.currents[6].used = 1, "range", 6);
    REFUSED(config.voltage.gain_ppm = 500001, "gain_ppm", METERING_VOLTAGE);
    REFUSED(config.voltage.phase = 10001, "phase", METERING_VOLTAGE);
    REFUSED(config.voltage.delay = -2561, "delay", METERING_VOLTAGE);
    REFUSED((config.voltage.dc_is_signal = 1, config.voltage.zero = 32768 * 256), "zero", METERING_VOLTAGE);
    REFUSED(config.voltage.noise = METERING_Q32(401), "noise", METERING_VOLTAGE);
    REFUSED(config.voltage.clip_low = 1, "clip", METERING_VOLTAGE);
    REFUSED(config.residual.range = 0, "range", METERING_RESIDUAL);
    REFUSED(config.corner_mhz = 499, "corner_mhz", METERING_RESIDUAL);
    REFUSED(config.corner_mhz = 65536 + 1000, "corner_mhz", METERING_RESIDUAL);
    REFUSED(config.monitor.rated = METERING_Q32(11), "rated", METERING_RESIDUAL);
    REFUSED(config.monitor.detects = 2, "detects", METERING_RESIDUAL);
    REFUSED(config.monitor.pre_warning_percent = 49, "pre_warning_percent", METERING_RESIDUAL);
    REFUSED(config.monitor.hysteresis_percent = 9, "hysteresis_percent", METERING_RESIDUAL);
    REFUSED(config.monitor.characteristic = 3, "characteristic", METERING_RESIDUAL);
    REFUSED(config.monitor.response_delay_ms = 11, "response_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.pre_warning_delay_ms = 10001, "pre_warning_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.release_delay_ms = 300001, "release_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.start_up_delay_ms = 10001, "start_up_delay_ms", METERING_RESIDUAL);
    REFUSED(config.monitor.least_noise = METERING_Q32(0.1), "least_noise", METERING_RESIDUAL);
    REFUSED(config.no_load.hysteresis = 101, "no_load", METERING_NO_CHANNEL);
    REFUSED(config.voltage.used = config.residual.used = 0, "channels", METERING_NO_CHANNEL);
    CHECK(strcmp(metering_field_name(-1), "other") == 0 && strcmp(metering_field_name(1000), "other") == 0);
}

/* What every function says of a bad state, and those of one width of a state of the other. */
static void each_state(metering_status status, metering_state *bad, metering_state *narrow, metering_state *wide) {
    static const int16_t codes[8];
    static const int32_t codes_32[8];
    metering_block_i16 block = {.voltage = codes, .frames = 8};
    metering_block_i32 block_32 = {.voltage = codes_32, .frames = 8};
    uint64_t frames;
    uint32_t bits;
    CHECK(metering_push_i16(narrow, &block, &callbacks) == status);
    CHECK(metering_push_i32(wide, &block_32, &callbacks) == status);
    CHECK(metering_push_interleaved_i16(narrow, codes, 8, &callbacks) == status);
    CHECK(metering_push_interleaved_i32(wide, codes_32, 8, &callbacks) == status);
    CHECK(metering_gap_i16(narrow, 1, &callbacks) == status);
    CHECK(metering_gap_i32(wide, 1, &callbacks) == status);
    CHECK(metering_frames(bad, &frames) == status);
    CHECK(metering_residual_state(bad, &bits) == status);
    CHECK(metering_residual_reset(bad) == status);
    CHECK(metering_residual_test(bad) == status);
}

/* Every function that takes a state: null, misaligned, without a meter, with a meter of the other width. */
static void bad_states(void) {
    static metering_state blank, wide;
    static const int16_t narrow_codes[9];
    static const int32_t wide_codes[9];
    metering_block_i16 block = {.voltage = narrow_codes, .frames = 8};
    metering_block_i32 block_32 = {.voltage = wide_codes, .frames = 8};
    uint64_t frames;
    uint32_t bits;
    config = one_voltage(16);
    GIVES(OK, metering_init_i16(&state, sizeof state, &config, NULL));
    GIVES(OK, metering_init_i32(&wide, sizeof wide, &config, NULL));
    memset(&callbacks, 0, sizeof callbacks);
    each_state(METERING_STATUS_NULL, NULL, NULL, NULL);
    each_state(METERING_STATUS_MISALIGNED, ASKEW(&state), ASKEW(&state), ASKEW(&wide));
    each_state(METERING_STATUS_STATE, &blank, &wide, &state);

    GIVES(NULL, metering_push_i16(&state, NULL, &callbacks));
    GIVES(NULL, metering_push_i16(&state, &block, NULL));
    GIVES(MISALIGNED, metering_push_i16(&state, ASKEW(&block), &callbacks));
    GIVES(MISALIGNED, metering_push_i16(&state, &block, ASKEW(&callbacks)));
    GIVES(NULL, metering_push_i32(&wide, NULL, &callbacks));
    GIVES(NULL, metering_push_i32(&wide, &block_32, NULL));
    GIVES(MISALIGNED, metering_push_i32(&wide, ASKEW(&block_32), &callbacks));
    GIVES(MISALIGNED, metering_push_i32(&wide, &block_32, ASKEW(&callbacks)));
    GIVES(NULL, metering_push_interleaved_i16(&state, NULL, 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i16(&state, narrow_codes, 8, NULL));
    GIVES(MISALIGNED, metering_push_interleaved_i16(&state, ASKEW(narrow_codes), 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i32(&wide, NULL, 8, &callbacks));
    GIVES(NULL, metering_push_interleaved_i32(&wide, wide_codes, 8, NULL));
    GIVES(MISALIGNED, metering_push_interleaved_i32(&wide, ASKEW(wide_codes), 8, &callbacks));
    GIVES(LENGTH, metering_push_interleaved_i32(&wide, wide_codes, SIZE_MAX, &callbacks));
    GIVES(NULL, metering_gap_i16(&state, 1, NULL));
    GIVES(MISALIGNED, metering_gap_i16(&state, 1, ASKEW(&callbacks)));
    GIVES(NULL, metering_gap_i32(&wide, 1, NULL));
    GIVES(MISALIGNED, metering_gap_i32(&wide, 1, ASKEW(&callbacks)));
    GIVES(NULL, metering_frames(&state, NULL));
    GIVES(MISALIGNED, metering_frames(&state, ASKEW(&frames)));
    GIVES(NULL, metering_residual_state(&state, NULL));
    GIVES(MISALIGNED, metering_residual_state(&state, ASKEW(&bits)));
    GIVES(REFUSED, metering_residual_test(&state));
    GIVES(OK, metering_residual_reset(&state));

    block.voltage = NULL;
    GIVES(NULL, metering_push_i16(&state, &block, &callbacks));
    block.voltage = ASKEW(narrow_codes);
    GIVES(MISALIGNED, metering_push_i16(&state, &block, &callbacks));
    block = (metering_block_i16){.voltage = narrow_codes, .frames = SIZE_MAX / 2};
    GIVES(LENGTH, metering_push_i16(&state, &block, &callbacks));
    block_32.frames = SIZE_MAX;
    GIVES(LENGTH, metering_push_i32(&wide, &block_32, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 0); /* nothing of all that was taken */
    block = (metering_block_i16){.frames = 0};
    GIVES(OK, metering_push_i16(&state, &block, &callbacks)); /* no frame needs no buffer */
    /* Channels that are not configured are not looked at. */
    block = (metering_block_i16){.voltage = narrow_codes, .residual = ASKEW(narrow_codes), .frames = 8};
    GIVES(OK, metering_push_i16(&state, &block, &callbacks));
    GIVES(OK, metering_gap_i16(&state, 5, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 13);
    config.currents[3] = config.voltage;
    GIVES(OK, metering_init_i16(&state, sizeof state, &config, NULL));
    GIVES(SHORT, metering_push_interleaved_i16(&state, narrow_codes, 7, &callbacks));
    GIVES(OK, metering_push_interleaved_i16(&state, narrow_codes, 8, &callbacks));
    GIVES(OK, metering_frames(&state, &frames));
    CHECK(frames == 4);
}

static void bad_readings(void) {
    metering_reading reading;
    metering_derived derived;
    metering_units_8311 units;
    metering_energy_registers registers;
    metering_energy_units hours;
    uint64_t digest = 0;
    memset(&reading, 0, sizeof reading);
    memset(&registers, 0, sizeof registers);
    GIVES(NULL, metering_derive(NULL, 0, &derived));
    GIVES(MISALIGNED, metering_derive(ASKEW(&reading), 0, &derived));
    GIVES(CHANNEL, metering_derive(&reading, 0, &derived));
    GIVES(CHANNEL, metering_derive(&reading, UINT32_MAX, &derived));
    reading.voltage.present = reading.currents[0].present = reading.currents[0].has_power = 1;
    GIVES(NULL, metering_derive(&reading, 0, NULL));
    GIVES(MISALIGNED, metering_derive(&reading, 0, ASKEW(&derived)));
    GIVES(NULL, metering_units(NULL, &units));
    GIVES(NULL, metering_units(&reading, NULL));
    GIVES(MISALIGNED, metering_units(ASKEW(&reading), &units));
    GIVES(MISALIGNED, metering_units(&reading, ASKEW(&units)));
    GIVES(NULL, metering_energy_add(NULL, &reading));
    GIVES(NULL, metering_energy_add(&registers, NULL));
    GIVES(MISALIGNED, metering_energy_add(ASKEW(&registers), &reading));
    GIVES(MISALIGNED, metering_energy_add(&registers, ASKEW(&reading)));
    GIVES(NULL, metering_energy_reset(NULL, 0));
    GIVES(MISALIGNED, metering_energy_reset(ASKEW(&registers), 0));
    GIVES(CHANNEL, metering_energy_reset(&registers, METERING_CURRENTS));
    GIVES(NULL, metering_energy_read(NULL, 0, &hours));
    GIVES(NULL, metering_energy_read(&registers, 0, NULL));
    GIVES(MISALIGNED, metering_energy_read(ASKEW(&registers), 0, &hours));
    GIVES(MISALIGNED, metering_energy_read(&registers, 0, ASKEW(&hours)));
    GIVES(CHANNEL, metering_energy_read(&registers, METERING_CURRENTS, &hours));
    GIVES(NULL, metering_digest_update(NULL, &reading));
    GIVES(NULL, metering_digest_update(&digest, NULL));
    GIVES(MISALIGNED, metering_digest_update(ASKEW(&digest), &reading));
    GIVES(MISALIGNED, metering_digest_update(&digest, ASKEW(&reading)));
    registers.accounts[7].reset_at = 1; /* a reset in the future */
    GIVES(CORRUPT, metering_energy_add(&registers, &reading));
    GIVES(CORRUPT, metering_energy_reset(&registers, 0));
    GIVES(CORRUPT, metering_energy_read(&registers, 0, &hours));
    /* Any bits are a reading: nothing of it may trap. */
    for (int n = 0; n < 1000; n++) {
        for (size_t at = 0; at < sizeof reading; at++) ((unsigned char *)&reading)[at] = (unsigned char)(rand() >> 7);
        memset(&registers, 0, sizeof registers);
        GIVES(OK, metering_units(&reading, &units));
        GIVES(OK, metering_energy_add(&registers, &reading));
        GIVES(OK, metering_digest_update(&digest, &reading));
        metering_derive(&reading, (uint32_t)n % METERING_CURRENTS, &derived);
    }
}

int main(void) {
    bad_init();
    bad_settings();
    bad_states();
    bad_readings();
    sines(16);
    sines(24);
    reentry();
    printf("%d checks, %d failed\n", checks, failures);
    return failures != 0;
}
