pub type Root = ();
