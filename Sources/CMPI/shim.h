#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <mpi.h>

// MPI_COMM_WORLD, the data types and the operations are macros of casts, which the importer does not see.

/// Starts MPI for calls from this thread alone, with errors as return values.
static inline int clip_mpi_start(void) {
  int provided = 0;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) return code;
  if (provided < MPI_THREAD_FUNNELED) return MPI_ERR_OTHER;
  return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

static inline int clip_mpi_rank(int *rank) { return MPI_Comm_rank(MPI_COMM_WORLD, rank); }
static inline int clip_mpi_count(int *count) { return MPI_Comm_size(MPI_COMM_WORLD, count); }

/// A number for the machine: the rank of one of the processes on it.
static inline int clip_mpi_machine(int *machine) {
  MPI_Comm local;
  int code = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local);
  if (code != MPI_SUCCESS) return code;
  MPI_Comm_rank(MPI_COMM_WORLD, machine);
  code = MPI_Bcast(machine, 1, MPI_INT, 0, local);
  MPI_Comm_free(&local);
  return code;
}

static inline int clip_mpi_begin_barrier(MPI_Request *request) {
  return MPI_Ibarrier(MPI_COMM_WORLD, request);
}
static inline int clip_mpi_test(MPI_Request *request, int *done) {
  return MPI_Test(request, done, MPI_STATUS_IGNORE);
}

static inline int clip_mpi_sum_floats(float *values, int count) {
  return MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}
static inline int clip_mpi_gather_longs(const long long *block, int count, long long *all) {
  return MPI_Allgather(block, count, MPI_LONG_LONG, all, count, MPI_LONG_LONG, MPI_COMM_WORLD);
}
/// Blocks of `counts[rank]` units of `size` bytes, each rank's at `places[rank]` units.
static inline int clip_mpi_gather(const void *block, int count, void *all, const int *counts,
                                  const int *places, int size) {
  MPI_Datatype unit;
  int code = MPI_Type_contiguous(size, MPI_BYTE, &unit);
  if (code != MPI_SUCCESS) return code;
  MPI_Type_commit(&unit);
  code = MPI_Allgatherv(block, count, unit, all, counts, places, unit, MPI_COMM_WORLD);
  MPI_Type_free(&unit);
  return code;
}
static inline int clip_mpi_broadcast_bytes(void *bytes, int count) {
  return MPI_Bcast(bytes, count, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static inline int clip_mpi_abort(int code) { return MPI_Abort(MPI_COMM_WORLD, code); }

#endif
