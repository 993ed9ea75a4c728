#ifndef CPROJ_SHIM_H
#define CPROJ_SHIM_H

#include <geodesic.h>
#include <proj.h>

// PROJ prints what goes wrong unless it is told where else to say it.
static inline void clip_proj_drop(void *data, int level, const char *message) {}

// A context that reads no network and prints nothing.
static inline PJ_CONTEXT *clip_proj_context(void) {
  PJ_CONTEXT *context = proj_context_create();
  if (!context) return NULL;
  proj_log_func(context, NULL, clip_proj_drop);
  proj_context_set_enable_network(context, 0);
  return context;
}

// Metres between two points on WGS 84, degrees.
static inline double clip_geodesic_distance(double lat1, double lon1, double lat2, double lon2) {
  struct geod_geodesic earth;
  geod_init(&earth, 6378137.0, 1 / 298.257223563);
  double metres = 0;
  geod_inverse(&earth, lat1, lon1, lat2, lon2, &metres, NULL, NULL);
  return metres;
}

#endif
