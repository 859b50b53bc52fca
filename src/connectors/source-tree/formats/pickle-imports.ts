const EXACT = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'collections.deque',
  'copyreg._reconstructor',
  'copy_reg._reconstructor',
  '_codecs.encode',
  'datetime.datetime',
  'datetime.date',
  'datetime.time',
  'datetime.timedelta',
  'datetime.timezone',
  'decimal.Decimal',
  'fractions.Fraction',
  'uuid.UUID',
  'argparse.Namespace',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch._utils._rebuild_qtensor',
  'torch._utils._rebuild_sparse_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
  'torch._utils._rebuild_device_tensor_from_numpy',
  'torch._utils._rebuild_nested_tensor',
  'torch._tensor._rebuild_from_type_v2',
  'torch.serialization._get_layout',
  'torch.Size',
  'torch.device',
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
  'torch.storage.TypedStorage',
  'torch.storage.UntypedStorage',
  'torch.distributed._shard.sharded_tensor.api.ShardedTensor',
  'numpy.ndarray',
  'numpy.dtype',
  'numpy.core.multiarray._reconstruct',
  'numpy.core.multiarray.scalar',
  'numpy.core.numeric._frombuffer',
  'numpy._core.multiarray._reconstruct',
  'numpy._core.multiarray.scalar',
  'numpy._core.numeric._frombuffer',
  'joblib.numpy_pickle.NumpyArrayWrapper',
  'joblib.numpy_pickle.NDArrayWrapper',
  'joblib.numpy_pickle_compat.NDArrayWrapper',
  'joblib.numpy_pickle_compat.ZNDArrayWrapper',
]);

const BUILTINS = new Set([
  'set',
  'frozenset',
  'list',
  'dict',
  'tuple',
  'bytearray',
  'bytes',
  'int',
  'float',
  'complex',
  'str',
  'unicode',
  'long',
  'bool',
  'slice',
  'range',
  'xrange',
  'object',
]);

const PATTERNS: readonly RegExp[] = [
  /^torch\.(?:cuda\.)?\w{1,20}Storage$/,
  /^torch\.(?:float|bfloat|half|double|int|uint|long|short|bool|complex|qint|quint|float8_)\w{0,16}$/,
  /^numpy\.(?:dtypes\.\w{1,40}|(?:float|int|uint|bool|str|bytes|complex|object|datetime|timedelta|void)\w{0,6})$/,
  /^numpy\.random\._pickle\.__(?:randomstate|generator|bit_generator)_ctor$/,
  /^numpy\.random\._(?:mt19937|pcg64|philox|sfc64)\.\w{1,30}$/,
  /^pathlib\.(?:Pure)?(?:Posix|Windows)?Path$/,
];

// Modules whose classes hold numbers. Only classes count, and the constructors that Cython makes for them: a function of the
// same module could read a file or load another pickle.
const CLASS_MODULES =
  /^(?:sklearn|scipy\.sparse|scipy\.interpolate|scipy\.stats|scipy\.spatial|xgboost\.(?:core|sklearn)|lightgbm\.(?:basic|sklearn)|catboost\.core|pandas\.core|pandas\._libs|torch\.nn\.modules|torch\.optim|gensim\.models|transformers\.(?:training_args|trainer_utils|configuration_utils|trainer_pt_utils|integrations\.deepspeed|models\.[\w.]{1,80})|accelerate\.(?:state|utils\.dataclasses|data_loader)|keras\.src\.(?:engine|layers|models)|statsmodels|imblearn|omegaconf)(?:\.[\w.]{1,120})?$/;
const CLASS_NAME =
  /^(?:_{0,2}[A-Z]\w{0,80}|__pyx_unpickle_\w{1,80}|newObj|_new_Index|_unpickle_block|new_block|_reconstruct|_unpickle_timestamp)$/;

/** True where importing `module.name` while loading does nothing but rebuild data. Everything not known is suspicious. */
export function isHarmlessImport(path: string): boolean {
  if (EXACT.has(path)) return true;
  const cut = path.lastIndexOf('.');
  const module = path.slice(0, cut);
  const name = path.slice(cut + 1);
  if (module === 'builtins' || module === '__builtin__') return BUILTINS.has(name);
  if (PATTERNS.some((pattern) => pattern.test(path))) return true;
  return CLASS_MODULES.test(module) && CLASS_NAME.test(name);
}
