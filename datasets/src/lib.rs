//! Waveform files in, signal synthesis and the f64 reference that the meter is judged by.
