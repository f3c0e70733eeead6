//! Values of a Rust type that the caller brings: held as they are, without a schema.

use std::any::Any;
use std::fmt;

/// Messages of one type of the caller's.
pub trait OwnMessages: Send + Sync + fmt::Debug {
    /// The name of the type, as `std::any::type_name` has it.
    fn type_name(&self) -> &'static str;

    /// The number of messages.
    fn count(&self) -> usize;

    /// An empty target to decode into, with room for `capacity` messages.
    fn target(&self, capacity: usize) -> Box<dyn OwnTarget>;

    /// Themselves: [`Values`] of their type.
    fn as_any(&self) -> &dyn Any;
}

/// Decoded messages of one type of the caller's.
pub trait OwnTarget: Send {
    /// The number of messages.
    fn count(&self) -> usize;

    /// Whether those behind the first `messages` are these again and again.
    fn repeats_agree(&self, messages: usize) -> bool;

    /// The place of the first message that is not equal to the one that was sent; those that were sent start again after
    /// the last.
    fn first_difference(&self, sent: &dyn OwnMessages) -> Option<usize>;

    /// Themselves: a vector of their type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl fmt::Debug for dyn OwnTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} decoded values", self.count())
    }
}

/// Messages of type `T`.
pub struct Values<T>(pub Vec<T>);

impl<T> fmt::Debug for Values<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.0.len(), std::any::type_name::<T>())
    }
}

impl<T: PartialEq + Send + Sync + 'static> OwnMessages for Values<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn count(&self) -> usize {
        self.0.len()
    }

    fn target(&self, capacity: usize) -> Box<dyn OwnTarget> {
        Box::new(Vec::<T>::with_capacity(capacity))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<T: PartialEq + Send + Sync + 'static> OwnTarget for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn repeats_agree(&self, messages: usize) -> bool {
        let (first, repeats) = self.split_at(messages.min(self.len()));
        repeats.chunks(messages.max(1)).all(|repeat| repeat == first)
    }

    fn first_difference(&self, sent: &dyn OwnMessages) -> Option<usize> {
        let Some(Values(sent)) = sent.as_any().downcast_ref::<Values<T>>() else { return Some(0) };
        self.iter().zip(sent.iter().cycle()).position(|(found, sent)| found != sent)
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
