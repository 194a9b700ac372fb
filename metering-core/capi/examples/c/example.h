/* What the example asks of the place it runs at: a way to print. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdint.h>

/* Meters; 0 if every call succeeded. */
int example(void);

/* Prints a line of two texts. */
void say(const char *name, const char *text);

/* Prints a line of a name and a number in decimal. */
void number(const char *name, uint32_t value);

#endif
