/* The example on a PC. */
#include <inttypes.h>
#include <stdio.h>

#include "example.h"

void say(const char *name, const char *text) { printf("%s %s\n", name, text); }

void number(const char *name, uint32_t value) { printf("%s %" PRIu32 "\n", name, value); }

int main(void) { return example(); }
