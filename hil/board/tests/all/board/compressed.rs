//! Samples that come compressed.

use super::common::{DATA, Setup, codes, config, directly};
use hil_link::compressed::compress;
use hil_link::{Config, Digest, Error, Request, Response};

/// The codes of 100 frames, compressed.
fn compressed(config: &Config, codes: &[Vec<i32>], from: usize) -> (u32, Vec<u8>) {
    let slices: Vec<&[i32]> = codes.iter().map(|codes| &codes[from..]).collect();
    let mut data = vec![0; DATA];
    let (frames, bytes) = compress(&slices, config.code_bytes(), 100, &mut data);
    data.truncate(bytes);
    (frames as u32, data)
}

#[test]
fn compressed_samples_must_follow_and_fit_and_be_whole() {
    let mut setup = Setup::new();
    setup.hello();
    let config = config(24, true, 1, false);
    let codes = codes(2, 200, 24);
    let (frames, data) = compressed(&config, &codes, 0);
    let ask = |setup: &mut Setup, first_frame, frames, data: &[u8]| {
        setup.ask(&Request::Compressed { first_frame, frames, data })
    };
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Error(Error::NotConfigured));
    setup.ask(&Request::Configure(config.clone()));
    assert_eq!(ask(&mut setup, 1, frames, &data), Response::Error(Error::Gap { expected: 0 }));
    assert_eq!(ask(&mut setup, 0, frames - 1, &data), Response::Error(Error::Unknown), "more than it says");
    assert_eq!(ask(&mut setup, 0, frames + 1, &data), Response::Error(Error::Unknown), "less than it says");
    assert_eq!(ask(&mut setup, 0, frames, &data[..data.len() - 1]), Response::Error(Error::Unknown));
    assert_eq!(ask(&mut setup, 0, u32::MAX, &data), Response::Error(Error::Length), "more than half a second");
    assert_eq!(ask(&mut setup, 0, 0, &[]), Response::Error(Error::Unknown), "not even heads");
    assert_eq!(setup.status().frames, 0, "nothing of it was metered");
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Readings(heapless::Vec::new()));
    assert_eq!(ask(&mut setup, 0, frames, &data), Response::Error(Error::Gap { expected: frames.into() }));
    assert_eq!(setup.status().frames, u64::from(frames));
}

#[test]
fn compressed_samples_give_the_readings_of_the_core() {
    for (bits, voltage, currents, residual) in [(16, true, 1, true), (24, true, 8, true), (20, false, 0, true)] {
        let config = config(bits, voltage, currents, residual);
        let codes = codes(config.channels(), 10_000, bits);
        let expected = directly(&config, &codes);
        let mut setup = Setup::new();
        setup.hello();
        setup.ask(&Request::Configure(config.clone()));
        let (mut sent, mut windows) = (0, Vec::new());
        while sent < 10_000 {
            let (frames, data) = compressed(&config, &codes, sent);
            match setup.ask(&Request::Compressed { first_frame: sent as u64, frames, data: &data }) {
                Response::Readings(new) => windows.extend(new),
                other => panic!("{other:?}"),
            }
            sent += frames as usize;
        }
        assert_eq!(windows, expected);
        let digest = expected.iter().fold(Digest::new(), |mut digest, window| {
            digest.update(window);
            digest
        });
        assert_eq!(setup.status().digest, digest.value());
    }
}
