//! The bounds that each crate with a derive of its own asks of a type, as one trait that asks for nothing where a
//! feature leaves the crate out.

#[cfg(feature = "borsh")]
pub use with_borsh::BorshType;
#[cfg(feature = "rkyv")]
pub use with_rkyv::{RkyvBuffer, RkyvType};
#[cfg(feature = "speedy")]
pub use with_speedy::SpeedyType;
#[cfg(feature = "wincode")]
pub use with_wincode::{WincodeConfig, WincodeType};

/// A trait that every type has.
macro_rules! asks_nothing {
    ($($feature:literal: $name:ident,)*) => {
        $(
            #[cfg(not(feature = $feature))]
            #[doc = concat!("Every type: `", $feature, "` is left out of this build.")]
            pub trait $name {}

            #[cfg(not(feature = $feature))]
            impl<T> $name for T {}
        )*
    };
}

asks_nothing! { "borsh": BorshType, "rkyv": RkyvType, "speedy": SpeedyType, "wincode": WincodeType, }

#[cfg(feature = "borsh")]
mod with_borsh {
    use borsh::{BorshDeserialize, BorshSerialize};

    /// A type with borsh's derives.
    pub trait BorshType: BorshSerialize + BorshDeserialize {}

    impl<T: BorshSerialize + BorshDeserialize> BorshType for T {}
}

#[cfg(feature = "speedy")]
mod with_speedy {
    use speedy::{LittleEndian, Readable, Writable};

    /// A type with speedy's derives.
    pub trait SpeedyType: for<'a> Readable<'a, LittleEndian> + Writable<LittleEndian> {}

    impl<T> SpeedyType for T where T: for<'a> Readable<'a, LittleEndian> + Writable<LittleEndian> {}
}

#[cfg(feature = "wincode")]
mod with_wincode {
    use wincode::config::{Configuration, PREALLOCATION_SIZE_LIMIT_DISABLED};
    use wincode::{SchemaRead, SchemaWrite};

    /// How wincode is configured: as it comes, but without its limit of 4 MiB for one allocation, which would refuse
    /// most payloads.
    pub type WincodeConfig = Configuration<true, PREALLOCATION_SIZE_LIMIT_DISABLED>;

    /// A type with wincode's derives.
    pub trait WincodeType:
        SchemaWrite<WincodeConfig, Src = Self> + for<'de> SchemaRead<'de, WincodeConfig, Dst = Self>
    {
    }

    impl<T> WincodeType for T where T: SchemaWrite<WincodeConfig, Src = T> + for<'de> SchemaRead<'de, WincodeConfig, Dst = T>
    {}
}

#[cfg(feature = "rkyv")]
mod with_rkyv {
    use rkyv::api::high::{HighDeserializer, HighSerializer, HighValidator};
    use rkyv::bytecheck::CheckBytes;
    use rkyv::rancor::Error;
    use rkyv::ser::allocator::ArenaHandle;
    use rkyv::ser::{Positional, Writer};
    use rkyv::{Archive, Deserialize, Serialize};

    /// A type with rkyv's derives, whose archive can be validated.
    pub trait RkyvType:
        for<'a> Serialize<HighSerializer<RkyvBuffer, ArenaHandle<'a>, Error>>
        + Archive<Archived: for<'a> CheckBytes<HighValidator<'a, Error>> + Deserialize<Self, HighDeserializer<Error>>>
        + Sized
    {
    }

    impl<T> RkyvType for T where
        T: for<'a> Serialize<HighSerializer<RkyvBuffer, ArenaHandle<'a>, Error>>
            + Archive<Archived: for<'a> CheckBytes<HighValidator<'a, Error>> + Deserialize<T, HighDeserializer<Error>>>
    {
    }

    /// The writer of rkyv: a `Vec` that grows to the next power of two, as rkyv's own `AlignedVec` does.
    ///
    /// rkyv writes a list of numbers at once and some bytes after it. A `Vec` would make room for the list exactly and
    /// then, for those bytes, move it all: `rkyv::to_bytes`, which the crate recommends, would take half the time.
    #[derive(Debug, Default)]
    pub struct RkyvBuffer(pub Vec<u8>);

    impl Positional for RkyvBuffer {
        #[inline]
        fn pos(&self) -> usize {
            self.0.len()
        }
    }

    impl<E> Writer<E> for RkyvBuffer {
        #[inline]
        fn write(&mut self, bytes: &[u8]) -> Result<(), E> {
            if bytes.len() > self.0.capacity() - self.0.len() {
                self.grow(bytes.len());
            }
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }

    impl RkyvBuffer {
        #[cold]
        fn grow(&mut self, additional: usize) {
            let needed = self.0.len().saturating_add(additional);
            let capacity = needed.checked_next_power_of_two().unwrap_or(needed);
            self.0.reserve_exact(capacity - self.0.len());
        }
    }
}
