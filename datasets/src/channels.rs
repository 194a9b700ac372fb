//! One value per channel of a meter: a voltage, some currents, a residual current.
//!
//! In comes whatever a channel carries (a signal, its samples, its codes, its range), out goes the same arrangement of
//! something else. This file must not know what the values mean.

/// One value per channel. The order of channels in a frame is voltage, currents, residual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channels<T> {
    /// The voltage channel that all currents share, if there is one.
    pub voltage: Option<T>,
    /// The current channels.
    pub currents: Vec<T>,
    /// The residual current channel, if there is one.
    pub residual: Option<T>,
}

impl<T> Channels<T> {
    /// The same arrangement with `f` applied to each channel.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> Channels<U> {
        Channels {
            voltage: self.voltage.as_ref().map(&mut f),
            currents: self.currents.iter().map(&mut f).collect(),
            residual: self.residual.as_ref().map(&mut f),
        }
    }

    /// The same, for values that are taken over.
    pub fn into_map<U>(self, mut f: impl FnMut(T) -> U) -> Channels<U> {
        Channels {
            voltage: self.voltage.map(&mut f),
            currents: self.currents.into_iter().map(&mut f).collect(),
            residual: self.residual.map(&mut f),
        }
    }

    /// Pairs each channel with its neighbour in `other`; channels that only one side has are left out.
    pub fn zip<'a, U>(&'a self, other: &'a Channels<U>) -> Channels<(&'a T, &'a U)> {
        Channels {
            voltage: self.voltage.as_ref().zip(other.voltage.as_ref()),
            currents: self.currents.iter().zip(&other.currents).collect(),
            residual: self.residual.as_ref().zip(other.residual.as_ref()),
        }
    }

    /// All channels in the order of a frame: voltage, currents, residual.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.voltage.iter().chain(&self.currents).chain(&self.residual)
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.voltage.iter_mut().chain(&mut self.currents).chain(&mut self.residual)
    }

    /// Number of channels.
    pub fn count(&self) -> usize {
        self.iter().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_of_a_frame() {
        let channels = Channels { voltage: Some(1), currents: vec![2, 3], residual: Some(4) };
        assert_eq!(channels.iter().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(channels.map(|x| x * 10).iter().copied().collect::<Vec<_>>(), [10, 20, 30, 40]);
        assert_eq!(channels.count(), 4);
        let mut doubled = channels.clone();
        doubled.iter_mut().for_each(|x| *x *= 2);
        assert_eq!(doubled, channels.into_map(|x| x * 2));
    }

    #[test]
    fn pairs_only_what_both_sides_have() {
        let left = Channels { voltage: Some(1), currents: vec![2, 3], residual: None };
        let right = Channels { voltage: Some('v'), currents: vec!['i'], residual: Some('r') };
        assert_eq!(left.zip(&right).iter().copied().collect::<Vec<_>>(), [(&1, &'v'), (&2, &'i')]);
    }
}
