/* What the checks of the C interface share: how a check is told, and the meter that is checked. */
#ifndef CHECKS_H
#define CHECKS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metering_core.h"

#define RATE 8000
#define PI 3.14159265358979323846
#define Q32 4294967296.0
#define Q24 16777216.0

void check(int holds, const char *what, int line);

#define CHECK(condition) check((condition), #condition, __LINE__)
/* The call returns the status that is named after METERING_STATUS_. */
#define GIVES(name, call) check((call) == METERING_STATUS_##name, #call " gives " #name, __LINE__)
#define NEAR(value, expected, relative) \
    check(fabs((double)(value) - (expected)) <= fabs(expected) * (relative), #value " is near " #expected, __LINE__)

/* A pointer one byte behind `pointer`: never aligned for anything here. */
#define ASKEW(pointer) ((void *)((char *)(pointer) + 1))

extern metering_state state;
extern metering_config config;
extern metering_callbacks callbacks;

/* Default settings with a voltage of 400 V. */
metering_config one_voltage(uint32_t bits);

/* sines.c: readings in closed form for a width of codes; a meter that is called from its own callback. */
void sines(uint32_t bits);
void reentry(void);

#endif
