//! A store on a mock chip, as firmware drives it, and registers of the tests' own.

use std::cell::RefCell;
use std::rc::Rc;

use eeprom24x::{Eeprom24x, SlaveAddr, addr_size, page_size, unique_serial};
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use hil_board::store::mock::Mock24C64;
use hil_board::store::{Settings, Store};
use metering_core::energy::{Account, Energy, Registers};
use metering_core::quantity::{Second, WattSecond};

pub const N: usize = 8;

/// A chip that the test and the driver share.
#[derive(Clone)]
pub struct Wire(pub Rc<RefCell<Mock24C64>>);

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl I2c for Wire {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        self.0.borrow_mut().transaction(address, operations)
    }
}

pub type Chip = Eeprom24x<Wire, page_size::B32, addr_size::TwoBytes, unique_serial::No>;

/// A store, the registers that run on, and the chip.
pub struct Bench {
    pub store: Store<Chip, N>,
    pub registers: Registers<N>,
    pub mock: Rc<RefCell<Mock24C64>>,
}

impl Bench {
    pub fn open(mock: Mock24C64) -> Self {
        Self::with(mock, Settings::default())
    }

    pub fn with(mock: Mock24C64, settings: Settings) -> Self {
        let mock = Rc::new(RefCell::new(mock));
        let chip = Eeprom24x::new_24x64(Wire(mock.clone()), SlaveAddr::default());
        let (store, registers) = Store::open(chip, settings);
        Self { store, registers, mock }
    }

    /// One tick after `microseconds`, as a main loop would do it.
    pub fn tick(&mut self, microseconds: u64) {
        self.mock.borrow_mut().wait(microseconds);
        let now_us = self.mock.borrow().now_us();
        self.store.tick(&self.registers, now_us);
    }

    /// Ticks until nothing is going on; returns how many it took.
    pub fn settle(&mut self) -> u32 {
        self.tick(100);
        for ticks in 1..100_000 {
            if !self.store.report().pending {
                return ticks;
            }
            self.tick(100);
        }
        panic!("the save does not end: {:?}", self.store.report());
    }

    /// What the power leaves: the chip as it is now.
    pub fn chip(&self) -> Mock24C64 {
        self.mock.borrow().clone()
    }
}

/// Energies that differ from register to register and channel to channel, for the seed `n`; below 0.73 Wh each.
pub fn energies(n: u64) -> [Energy; N] {
    std::array::from_fn(|channel| {
        let seed = |k: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(k as u32 * 11) ^ (channel as u64 * 131);
        let energy = |k: u64| WattSecond::from_bits(seed(k) % (40 << 22));
        Energy {
            forward_active: energy(1),
            reverse_active: energy(2),
            forward_reactive: energy(3),
            reverse_reactive: energy(4),
            apparent: energy(5),
        }
    })
}

/// Whether each register, the time and the resets of `later` are at least those of `earlier`.
pub fn at_least(later: &Registers<N>, earlier: &Registers<N>) -> bool {
    let mut accounts = later.accounts().iter().zip(earlier.accounts());
    let holds = |(later, earlier): (&Account, &Account)| {
        later.continuous.at_least(&earlier.continuous)
            && later.at_reset.at_least(&earlier.at_reset)
            && later.reset_at >= earlier.reset_at
    };
    later.operation() >= earlier.operation() && accounts.all(holds)
}

pub fn seconds(seconds: f64) -> Second {
    Second::from_num(seconds)
}

/// Memory of `embedded-storage`, whose end may be missing.
pub struct Image(pub Vec<u8>);

impl embedded_storage::ReadStorage for Image {
    type Error = ();

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), ()> {
        let from = offset as usize;
        bytes.copy_from_slice(self.0.get(from..from + bytes.len()).ok_or(())?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl embedded_storage::Storage for Image {
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), ()> {
        let from = offset as usize;
        self.0.get_mut(from..from + bytes.len()).ok_or(())?.copy_from_slice(bytes);
        Ok(())
    }
}
