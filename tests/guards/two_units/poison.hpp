// SPDX-License-Identifier: Apache-2.0
#pragma once

// Macros that a program may have defined before it includes us: windows.h, complex.h, sys/sysmacros.h and the like.
// What is not ours is included first, so that only our headers meet them.
#include "prelude.hpp"

#undef I
#undef major
#undef minor

// NOLINTBEGIN
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define hyper __int64
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define ERROR 0
#define DELETE 0x00010000L
#define TRUE 1
#define FALSE 0
#define PASCAL
#define I _Complex_I
#define EPS 1e-9
#define PI 3.14
#define major(device) ((device) >> 8)
#define minor(device) ((device) & 0xff)
#define check(condition) ((void)(condition))
#define unix 1
#define linux 1
// NOLINTEND
