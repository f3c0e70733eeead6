// Generated from orders.json by `UPDATE_GENERATED=1 cargo test --test schemas`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub exported: String,
    pub page: u8,
    pub orders: Vec<Order>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub id: u32,
    pub customer: Customer,
    pub items: Vec<Item>,
    pub total: f32,
    pub balance: i16,
    pub shipping: Option<Shipping>,
    pub tags: Vec<String>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub name: String,
    pub vip: bool,
    pub email: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub sku: String,
    pub quantity: u8,
    pub price: f32,
    pub gift: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shipping {
    pub method: String,
    pub tracking: String,
}
