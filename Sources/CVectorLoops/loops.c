#include "CVectorLoops.h"

#include <math.h>
#include <string.h>

// Inlined into each of the three, so that it is compiled for that processor.
#define ALWAYS static inline __attribute__((always_inline))

// Sums may be taken in several lanes at once; each of the three has a fixed order.
#define LANES _Pragma("clang fp reassociate(on) contract(fast)")

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define VL(name) name##_avx512
#include "loops.inc"
#undef VL
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define VL(name) name##_avx2
#include "loops.inc"
#undef VL
#pragma clang attribute pop
#endif
#define VL(name) name##_plain
#include "loops.inc"
#undef VL

#if defined(__x86_64__)
#define PICK(name) \
  (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && \
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") \
       ? name##_avx512 \
       : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && \
                 __builtin_cpu_supports("bmi2") \
             ? name##_avx2 \
             : name##_plain)
#else
#define PICK(name) name##_plain
#endif

void vl_layer_norm(const float *x, long rows, long width, const float *g, const float *b, float epsilon, float *y, float *mean, float *rstd) {
  PICK(layer_norm)(x, rows, width, g, b, epsilon, y, mean, rstd);
}
void vl_layer_norm_again(const float *x, long rows, long width, const float *g, const float *b, const float *mean, const float *rstd, float *y) {
  PICK(layer_norm_again)(x, rows, width, g, b, mean, rstd, y);
}
void vl_layer_norm_backward(const float *dy, const float *x, long rows, long width, const float *g, const float *mean, const float *rstd, const float *residual, float *dx, float *dg, float *db) {
  PICK(layer_norm_backward)(dy, x, rows, width, g, mean, rstd, residual, dx, dg, db);
}
void vl_activation(int kind, float *pre, const float *bias, long rows, long width, float *y) {
  PICK(activation)(kind, pre, bias, rows, width, y);
}
void vl_activation_backward(int kind, const float *pre, long count, float *d, float *y) {
  PICK(activation_backward)(kind, pre, count, d, y);
}
void vl_fill_rows(const float *bias, const float *residual, long rows, long width, float *y) {
  PICK(fill_rows)(bias, residual, rows, width, y);
}
void vl_column_sums(const float *x, long rows, long stride, long width, float *sums) {
  PICK(column_sums)(x, rows, stride, width, sums);
}
void vl_softmax(float *s, long rows, long n, long stride, float scale, int causal) {
  PICK(softmax)(s, rows, n, stride, scale, causal);
}
void vl_softmax_backward(const float *p, float *dp, long rows, long stride, float scale) {
  PICK(softmax_backward)(p, dp, rows, stride, scale);
}
double vl_sum_of_squares(const float *x, long count) {
  return PICK(sum_of_squares)(x, count);
}
double vl_dot(const float *x, const float *y, long count) {
  return PICK(dot)(x, y, count);
}
void vl_scale(float *x, long count, float factor) {
  PICK(scale)(x, count, factor);
}
void vl_add_scaled(float *y, const float *x, long count, float factor) {
  PICK(add_scaled)(y, x, count, factor);
}
void vl_blend(float *y, const float *x, long count, float keep) {
  PICK(blend)(y, x, count, keep);
}
void vl_adamw(float *p, const float *g, float *m, float *v, long count, const struct vl_adamw *settings) {
  PICK(adamw)(p, g, m, v, count, settings);
}
