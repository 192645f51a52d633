//! What an image's name promises: `name_vA.B.C+X.Y.Z.bf` needs X KB of commands, loops X deep and Z cells.
