//! Regions: ranges of the one address space, which mean the same to everyone.

/// `bytes` bytes from `address` on. It does not wrap around the end of the address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    address: u32,
    bytes: u32,
}

impl Region {
    /// A range; none if it is empty or goes beyond the address space.
    pub const fn new(address: u32, bytes: u32) -> Option<Region> {
        if bytes == 0 || bytes - 1 > u32::MAX - address {
            return None;
        }
        Some(Region { address, bytes })
    }

    /// A range that was one before.
    pub(crate) const fn of_node(address: u32, bytes: u32) -> Region {
        Region { address, bytes }
    }

    /// Its first address.
    pub const fn address(self) -> u32 {
        self.address
    }

    /// Its length.
    pub const fn bytes(self) -> u32 {
        self.bytes
    }

    /// Address of so many bytes at an offset; none if they are not all in it.
    pub fn at(self, offset: u32, bytes: usize) -> Option<u32> {
        let fits = offset <= self.bytes && bytes <= (self.bytes - offset) as usize;
        fits.then_some(self.address.wrapping_add(offset))
    }

    /// Its last address.
    const fn last(self) -> u32 {
        self.address + (self.bytes - 1)
    }

    /// Whether all of the other is in this one.
    pub const fn contains(self, other: Region) -> bool {
        self.address <= other.address && other.last() <= self.last()
    }

    /// Whether an address is in both.
    pub const fn overlaps(self, other: Region) -> bool {
        self.address <= other.last() && other.address <= self.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_byte_of_the_address_space_can_be_in_a_region() {
        assert!(Region::new(u32::MAX, 1).is_some() && Region::new(0, u32::MAX).is_some());
        assert_eq!(Region::new(u32::MAX, 2), None);
        assert_eq!(Region::new(5, 0), None);
    }

    proptest! {
        #[test]
        fn regions_contain_and_overlap_as_sets_of_addresses_do(a in 0..12u32, b in 1..8u32, c in 0..12u32, d in 1..8u32) {
            let (one, other) = (Region::new(a, b).unwrap(), Region::new(c, d).unwrap());
            let within = |region: Region, at| region.address() <= at && at - region.address() < region.bytes();
            prop_assert_eq!(one.overlaps(other), (0..20).any(|at| within(one, at) && within(other, at)));
            prop_assert_eq!(one.contains(other), (0..20).all(|at| !within(other, at) || within(one, at)));
        }
    }
}
