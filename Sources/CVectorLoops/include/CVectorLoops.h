// The loops of training that are no matrix products. They are C because a function of C can be compiled
// for a processor newer than the program's: each is there for AVX-512, for AVX2 and for the oldest
// processor, and the call picks one. Swift compiles a whole module for one processor.
//
// All arrays are dense rows of floats. Each function runs on the calling thread alone, and adds in an
// order that depends on the shapes only.
#ifndef CVECTORLOOPS_H
#define CVECTORLOOPS_H

enum vl_activation { VL_QUICK_GELU = 0, VL_GELU = 1, VL_SILU = 2, VL_RELU = 3, VL_IDENTITY = 4 };

// y = (x - mean) * rstd * g + b; keeps mean and rstd of each row
void vl_layer_norm(const float *x, long rows, long width, const float *g, const float *b,
                   float epsilon, float *y, float *mean, float *rstd);
// the same from kept mean and rstd
void vl_layer_norm_again(const float *x, long rows, long width, const float *g, const float *b,
                         const float *mean, const float *rstd, float *y);
// dx = residual (where not null) + gradient by x; dg += ..., db += ...
void vl_layer_norm_backward(const float *dy, const float *x, long rows, long width, const float *g,
                            const float *mean, const float *rstd, const float *residual, float *dx,
                            float *dg, float *db);

// pre += bias, y = activation(pre)
void vl_activation(int kind, float *pre, const float *bias, long rows, long width, float *y);
// y = activation(pre), d = d * activation'(pre)
void vl_activation_backward(int kind, const float *pre, long count, float *d, float *y);

// y = bias (+ residual where not null)
void vl_fill_rows(const float *bias, const float *residual, long rows, long width, float *y);
// sums[j] += x[0][j] + x[1][j] + ...; rows are `stride` apart
void vl_column_sums(const float *x, long rows, long stride, long width, float *sums);

// softmax of scale * s over the first n of each row (causal: i + 1 in row i); the rest becomes 0.
// Rows are `stride` apart, a multiple of 16.
void vl_softmax(float *s, long rows, long n, long stride, float scale, int causal);
// dp = p * (dp - sum(dp * p)) * scale in the first n of each row, 0 in the rest
void vl_softmax_backward(const float *p, float *dp, long rows, long n, long stride, float scale);

double vl_sum_of_squares(const float *x, long count);
double vl_dot(const float *x, const float *y, long count);
void vl_scale(float *x, long count, float factor);
// y += factor * x
void vl_add_scaled(float *y, const float *x, long count, float factor);
// y = keep * y + (1 - keep) * x
void vl_blend(float *y, const float *x, long count, float keep);

struct vl_adamw {
  float rate, beta1, beta2, epsilon, decay;  // decay is rate * weight decay
  float correction1, root_correction2;       // 1 - beta1^t, sqrt(1 - beta2^t)
};
// One step of AdamW as torch.optim.AdamW takes it.
void vl_adamw(float *p, const float *g, float *m, float *v, long count,
              const struct vl_adamw *settings);

#endif
