//! What RSB's pages publish, for the codecs that sercost has too.
//!
//! The pages are its README of 2026-06-23 (commit c5965a5), the last that is at hand with all of these codecs but BSON, and that of
//! 2026-10-05 (commit 9afa003), the last of all, which has no bincode and no speedy. Where a codec is on both, its sizes
//! are the same. BSON was last seen on that of 2024-05-05 (commit 0a9cd72).

/// The kinds of data, in RSB's order and by its names.
pub(crate) const KINDS: [&str; 4] = ["log", "mesh", "minecraft_savedata", "mk48"];

/// A codec of RSB.
pub(crate) struct Published {
    /// sercost's name of the codec that writes the same format in the same way.
    pub(crate) codec: &'static str,
    /// RSB's name, and its version on the page of the sizes.
    pub(crate) package: &'static str,
    /// Bytes of each kind of data.
    pub(crate) sizes: [u64; 4],
    /// The number of the kind whose size is of other values than those of today, and a remark on it.
    pub(crate) apart: Option<(usize, &'static str)>,
    pub(crate) june: Option<Times>,
    pub(crate) october: Option<Times>,
}

/// Microseconds of each kind of data.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) serialize: [f64; 4],
    pub(crate) deserialize: [f64; 4],
}

const fn times(serialize: [f64; 4], deserialize: [f64; 4]) -> Option<Times> {
    Some(Times { serialize, deserialize })
}

/// Of bitcode the row is that of its own derives, of rkyv the one that validates.
pub(crate) const PUBLISHED: [Published; 13] = [
    Published {
        codec: "bincode",
        package: "bincode 2.0.1",
        sizes: [741_295, 6_000_005, 367_413, 1_406_257],
        apart: None,
        june: times([366.97, 2419.2, 343.85, 1283.7], [2185.0, 1046.7, 1819.1, 3980.0]),
        october: None,
    },
    Published {
        codec: "bincode-fixed",
        package: "bincode 1.3.3",
        sizes: [1_045_784, 6_000_008, 569_975, 1_854_234],
        apart: None,
        june: times([545.90, 5882.1, 591.09, 3931.3], [2114.8, 4673.3, 1856.5, 4439.6]),
        october: None,
    },
    Published {
        codec: "bitcode-derive",
        package: "bitcode 0.6.9",
        sizes: [703_710, 6_000_006, 327_688, 971_318],
        apart: None,
        june: times([144.69, 1314.0, 124.16, 696.97], [1460.4, 811.67, 1272.2, 2362.3]),
        october: times([146.23, 1386.7, 127.79, 691.94], [1462.7, 699.82, 1282.4, 2350.6]),
    },
    Published {
        codec: "borsh",
        package: "borsh 1.7.0",
        sizes: [885_780, 6_000_004, 446_595, 1_521_989],
        apart: None,
        june: times([550.92, 6136.9, 553.12, 2951.8], [2096.2, 4291.1, 1792.9, 2868.2]),
        october: times([538.00, 5757.7, 522.01, 2712.2], [2179.4, 4338.4, 1826.3, 2868.7]),
    },
    Published {
        codec: "bson",
        package: "bson 2.9.0",
        sizes: [1_924_682, 23_013_911, 1_619_653, 10_030_880],
        apart: Some((3, "; of the values of that time")),
        june: None,
        october: None,
    },
    Published {
        codec: "ciborium",
        package: "ciborium 0.2.2",
        sizes: [1_407_835, 13_122_324, 1_109_821, 6_012_373],
        apart: None,
        june: times([3104.7, 66_557.0, 3834.3, 24_352.0], [11_278.0, 115_210.0, 10_151.0, 54_163.0]),
        october: times([4082.1, 67_789.0, 3749.1, 23_167.0], [11_941.0, 112_540.0, 10_219.0, 54_761.0]),
    },
    Published {
        codec: "flexbuffers",
        package: "flexbuffers 25.12.19",
        sizes: [1_829_756, 26_609_424, 1_187_688, 5_352_680],
        apart: None,
        june: times([6669.1, 104_440.0, 7821.3, 39_991.0], [7077.2, 74_116.0, 6747.4, 35_422.0]),
        october: times([6514.9, 100_570.0, 7686.8, 39_521.0], [7186.9, 77_696.0, 6920.6, 37_105.0]),
    },
    Published {
        codec: "json",
        package: "serde_json 1.0.150",
        sizes: [1_827_461, 26_192_883, 1_623_191, 9_390_461],
        apart: None,
        june: times([3806.2, 93_472.0, 3700.5, 20_829.0], [5806.8, 100_170.0, 6867.0, 31_101.0]),
        october: times([3630.4, 86_367.0, 3538.5, 19_186.0], [6196.3, 102_520.0, 7195.2, 33_502.0]),
    },
    Published {
        codec: "msgpack",
        package: "rmp-serde 1.3.1",
        sizes: [784_997, 8_125_006, 424_533, 1_745_322],
        apart: None,
        june: times([1514.5, 19_555.0, 1469.0, 10_381.0], [3226.7, 16_872.0, 3005.0, 11_424.0]),
        october: times([1468.0, 18_934.0, 1441.0, 9966.3], [3144.3, 12_914.0, 2999.4, 11_097.0]),
    },
    Published {
        codec: "postcard",
        package: "postcard 1.1.3",
        sizes: [724_953, 6_000_003, 367_489, 1_311_281],
        apart: None,
        june: times([420.09, 481.27, 446.23, 1820.4], [2313.8, 6491.5, 2101.4, 4176.9]),
        october: times([415.58, 514.58, 433.09, 1801.2], [2338.5, 6551.3, 2161.5, 4454.0]),
    },
    Published {
        codec: "rkyv",
        package: "rkyv 0.8.16",
        sizes: [1_011_488, 6_000_008, 603_776, 2_075_936],
        apart: None,
        june: times([245.57, 202.56, 329.06, 981.19], [1936.5, 200.81, 1865.8, 2654.3]),
        october: times([251.61, 199.20, 330.40, 974.23], [1920.2, 221.60, 1860.9, 2658.5]),
    },
    Published {
        codec: "speedy",
        package: "speedy 0.8.7",
        sizes: [885_780, 6_000_004, 449_595, 1_584_734],
        apart: None,
        june: times([199.65, 199.69, 271.17, 771.45], [1775.5, 200.58, 1681.5, 2458.5]),
        october: None,
    },
    Published {
        codec: "wincode",
        package: "wincode 0.5.5",
        sizes: [1_045_784, 6_000_008, 566_975, 1_791_489],
        apart: None,
        june: times([170.56, 202.08, 205.54, 573.93], [1774.0, 200.35, 1651.8, 2307.9]),
        october: times([191.41, 150.15, 232.25, 640.25], [1820.7, 191.07, 1778.3, 2301.7]),
    },
];
