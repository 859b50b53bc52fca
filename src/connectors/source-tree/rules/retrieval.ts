import type { DetectionRule } from '../rule.ts';
import { CODE_AND_CONFIG, PYTHON_AND_JAVASCRIPT } from './patterns.ts';

const INDEX_NAME =
  /\b(?:index_name|indexName|collection_name|collectionName|table_name|tableName|class_name|index|name)\s*[=:]\s*["'](?<name>[^"'\n]{1,80})["']/;

function vectorStore(store: {
  slug: string;
  name: string;
  modules: {
    python?: readonly string[];
    javascript?: readonly string[];
    go?: readonly string[];
    jvm?: readonly string[];
    rust?: readonly string[];
    csharp?: readonly string[];
  };
  positive: readonly { path: string; text: string; line: number }[];
  nearMiss: readonly { path: string; text: string }[];
}): DetectionRule {
  return {
    id: `retrieval.${store.slug}.client`,
    title: `${store.name} index`,
    kind: 'knowledge_base',
    confidence: 'high',
    files: {},
    match: { form: 'import', modules: store.modules },
    sets: { store: store.slug, through: 'import' },
    examples: { positive: store.positive, nearMiss: store.nearMiss },
  };
}

/** Stores that a model's answers are drawn from. */
export const RETRIEVAL: readonly DetectionRule[] = [
  vectorStore({
    slug: 'pinecone',
    name: 'Pinecone',
    modules: {
      python: ['pinecone', 'langchain_pinecone', 'llama_index.vector_stores.pinecone'],
      javascript: ['@pinecone-database/pinecone', '@langchain/pinecone'],
      go: ['github.com/pinecone-io/go-pinecone'],
      jvm: ['io.pinecone', 'dev.langchain4j.store.embedding.pinecone'],
    },
    positive: [{ path: 'a.py', text: 'from pinecone import Pinecone\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: '# from pinecone import Pinecone\n' }],
  }),
  vectorStore({
    slug: 'weaviate',
    name: 'Weaviate',
    modules: {
      python: ['weaviate', 'langchain_weaviate', 'llama_index.vector_stores.weaviate'],
      javascript: ['weaviate-client', 'weaviate-ts-client', '@langchain/weaviate'],
      go: ['github.com/weaviate/weaviate-go-client'],
      jvm: ['io.weaviate.client', 'dev.langchain4j.store.embedding.weaviate'],
    },
    positive: [{ path: 'a.py', text: 'import weaviate\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'import weave_runner\n' }],
  }),
  vectorStore({
    slug: 'qdrant',
    name: 'Qdrant',
    modules: {
      python: ['qdrant_client', 'langchain_qdrant', 'llama_index.vector_stores.qdrant'],
      javascript: ['@qdrant/js-client-rest', '@langchain/qdrant'],
      go: ['github.com/qdrant/go-client'],
      rust: ['qdrant_client'],
      jvm: ['io.qdrant.client', 'dev.langchain4j.store.embedding.qdrant'],
    },
    positive: [
      { path: 'a.py', text: 'from qdrant_client import QdrantClient\n', line: 1 },
      { path: 'a.rs', text: 'use qdrant_client::Qdrant;\n', line: 1 },
    ],
    nearMiss: [{ path: 'a.py', text: 'from quadrant import x\n' }],
  }),
  vectorStore({
    slug: 'chroma',
    name: 'Chroma',
    modules: {
      python: [
        'chromadb',
        'langchain_chroma',
        'llama_index.vector_stores.chroma',
        'langchain_community.vectorstores.chroma',
      ],
      javascript: ['chromadb'],
    },
    positive: [{ path: 'a.py', text: 'import chromadb\n', line: 1 }],
    nearMiss: [{ path: 'a.ts', text: "import chroma from 'chroma-js';\n" }],
  }),
  vectorStore({
    slug: 'milvus',
    name: 'Milvus',
    modules: {
      python: ['pymilvus', 'langchain_milvus', 'llama_index.vector_stores.milvus'],
      javascript: ['@zilliz/milvus2-sdk-node'],
      go: ['github.com/milvus-io/milvus-sdk-go', 'github.com/milvus-io/milvus/client'],
      jvm: ['io.milvus', 'dev.langchain4j.store.embedding.milvus'],
    },
    positive: [{ path: 'a.py', text: 'from pymilvus import MilvusClient\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'import milvusish\n' }],
  }),
  vectorStore({
    slug: 'faiss',
    name: 'FAISS',
    modules: {
      python: ['faiss', 'llama_index.vector_stores.faiss', 'langchain_community.vectorstores.faiss'],
      javascript: ['faiss-node', '@langchain/community/vectorstores/faiss'],
    },
    positive: [{ path: 'a.py', text: 'import faiss\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'import faisal\n' }],
  }),
  vectorStore({
    slug: 'lancedb',
    name: 'LanceDB',
    modules: {
      python: ['lancedb', 'llama_index.vector_stores.lancedb'],
      javascript: ['@lancedb/lancedb', 'vectordb'],
      rust: ['lancedb'],
    },
    positive: [{ path: 'a.py', text: 'import lancedb\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'import lance\n' }],
  }),
  vectorStore({
    slug: 'pgvector',
    name: 'pgvector',
    modules: {
      python: ['pgvector', 'langchain_postgres', 'llama_index.vector_stores.postgres'],
      javascript: ['pgvector', '@langchain/community/vectorstores/pgvector'],
      go: ['github.com/pgvector/pgvector-go'],
      jvm: ['com.pgvector', 'dev.langchain4j.store.embedding.pgvector', 'org.springframework.ai.vectorstore.pgvector'],
      rust: ['pgvector'],
      csharp: ['Pgvector'],
    },
    positive: [{ path: 'a.py', text: 'from pgvector.sqlalchemy import Vector\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'from pg import vector\n' }],
  }),
  vectorStore({
    slug: 'turbopuffer',
    name: 'turbopuffer',
    modules: { python: ['turbopuffer'], javascript: ['@turbopuffer/turbopuffer'] },
    positive: [{ path: 'a.py', text: 'import turbopuffer as tpuf\n', line: 1 }],
    nearMiss: [{ path: 'a.py', text: 'import turbo\n' }],
  }),
  {
    id: 'retrieval.pgvector.schema',
    title: 'Vector column in Postgres',
    kind: 'knowledge_base',
    confidence: 'high',
    files: { languages: ['sql', 'python', 'javascript', 'go', 'java', 'ruby', 'terraform', 'yaml'] },
    match: {
      form: 'line',
      literals: ['vector'],
      pattern:
        /\b(?<through>create\s+extension\s+(?:if\s+not\s+exists\s+)?["']?vector["']?|\w{1,60}\s+(?:public\.)?(?:half|sparse)?vec(?:tor)?\(\s?\d{2,5}\s?\)|using\s+(?:hnsw|ivfflat)\b)/i,
      standing: 'texts',
      unless: /(?:std::|torch|np\.|vec\w*\s+vector\(|=\s*vector\()/,
    },
    sets: { store: 'pgvector' },
    examples: {
      positive: [
        { path: 'm.sql', text: 'CREATE EXTENSION IF NOT EXISTS vector;\n', line: 1 },
        { path: 'm.sql', text: 'create table d (\n  embedding vector(1536)\n);\n', line: 2 },
        { path: 'a.py', text: 'q = """\nCREATE INDEX ON d USING hnsw (embedding vector_cosine_ops)\n"""\n', line: 2 },
      ],
      nearMiss: [
        { path: 'm.sql', text: '-- create extension vector\n' },
        { path: 'a.py', text: 'v = vector(3)\n' },
      ],
    },
  },
  {
    id: 'retrieval.search-engine.mapping',
    title: 'Vector field in a search engine',
    kind: 'knowledge_base',
    confidence: 'high',
    files: { languages: CODE_AND_CONFIG },
    match: {
      form: 'line',
      literals: ['dense_vector', 'knn_vector', 'DenseVector('],
      pattern: /["']?type["']?\s*[:=]\s*["']?(?<store>dense_vector|knn_vector)\b|\b(?<store2>DenseVector)\(/,
      standing: 'texts',
    },
    examples: {
      positive: [
        {
          path: 'm.json',
          text: '{ "embedding": { "type": "dense_vector", "dims": 384 } }\n',
          line: 1,
          captures: { store: 'dense_vector' },
        },
      ],
      nearMiss: [{ path: 'm.json', text: '{ "type": "dense" }\n' }],
    },
  },
  {
    id: 'retrieval.redis.vector',
    title: 'Vector index in Redis',
    kind: 'knowledge_base',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: [
        'VectorField(',
        'redisvl',
        'SCHEMA_FIELD_TYPE.VECTOR',
        'SchemaFieldTypes.VECTOR',
        'RedisVectorStore',
        'langchain_redis',
      ],
      pattern:
        /(?<![\w.])(?<through>VectorField)\(|^\s*from\s+(?<through2>redisvl|langchain_redis)\b|\b(?<through3>(?:SCHEMA_FIELD_TYPE|SchemaFieldTypes)\.VECTOR|RedisVectorStore)\b/,
    },
    needs: ['redis'],
    sets: { store: 'redis' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from redis.commands.search.field import VectorField\nf = VectorField("e", "HNSW", {})\n',
          line: 2,
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'f = VectorField("e")\n' }],
    },
  },
  {
    id: 'retrieval.cloud.vector-search',
    title: 'Vector search of a cloud',
    kind: 'knowledge_base',
    confidence: 'high',
    files: { languages: [...PYTHON_AND_JAVASCRIPT, 'java', 'csharp', 'go', 'terraform'] },
    match: {
      form: 'line',
      literals: [
        '$vectorSearch',
        'MongoDBAtlasVectorSearch',
        'MatchingEngine',
        'VectorizedQuery(',
        'AzureSearch(',
        'AmazonKnowledgeBasesRetriever',
        'retrieve_and_generate(',
        'RetrieveAndGenerate',
        'VertexAiSearch',
        'aws_bedrockagent_knowledge_base',
        'VectorSearchClient(',
        'S3Vectors',
        's3vectors',
        'vector_stores.create(',
        'vectorStores.create(',
      ],
      pattern:
        /(?<through>\$vectorSearch\b|MongoDBAtlasVectorSearch|MatchingEngine\w{0,20}|VectorizedQuery|AzureSearch(?=\()|AmazonKnowledgeBasesRetriever|retrieve_and_generate|RetrieveAndGenerate\w{0,20}|VertexAiSearch\w{0,10}|VectorSearchClient|["']s3vectors["']|\bvector_stores\.create|\bvectorStores\.create)/,
      standing: 'strings',
      call: [INDEX_NAME],
    },
    sets: { store: 'cloud' },
    examples: {
      positive: [
        { path: 'a.js', text: "const p = [{ $vectorSearch: { index: 'v' } }];\n", line: 1 },
        { path: 'a.py', text: 'r = client.retrieve_and_generate(input={})\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.js', text: 'const p = [{ $match: {} }];\n' }],
    },
  },
  {
    id: 'retrieval.framework.index',
    title: 'Index of a retrieval framework',
    kind: 'knowledge_base',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: [
        'VectorStoreIndex',
        'InMemoryDocumentStore(',
        'MemoryVectorStore',
        'InMemoryVectorStore',
        'DocumentStore(',
        'KnowledgeGraphIndex',
        'PropertyGraphIndex',
        'SummaryIndex',
        '.from_documents(',
        '.from_texts(',
      ],
      pattern:
        /(?<![\w.])(?<through>VectorStoreIndex|KnowledgeGraphIndex|PropertyGraphIndex|SummaryIndex|(?:InMemory|Qdrant|Pgvector|Chroma|Weaviate|Elasticsearch|OpenSearch|Pinecone|Milvus)DocumentStore|InMemoryVectorStore|MemoryVectorStore|(?:Chroma|FAISS|Pinecone\w{0,12}|Qdrant\w{0,12}|Milvus|Weaviate\w{0,12}|PGVector|LanceDB|Redis|ElasticsearchStore|OpenSearchVectorSearch)\.from_(?:documents|texts|existing_index))(?:\.(?:from_documents|fromDocuments|from_vector_store|fromTexts))?\(/,
      unless: /^\s*class\s/,
      call: [INDEX_NAME],
    },
    needs: ['llama_index', 'llamaindex', 'haystack', 'langchain'],
    sets: { store: 'framework' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from llama_index.core import VectorStoreIndex\ni = VectorStoreIndex.from_documents(docs)\n',
          line: 2,
        },
        {
          path: 'a.py',
          text: 'from langchain_community.vectorstores import FAISS\ndb = FAISS.from_documents(docs, emb)\n',
          line: 2,
          captures: { through: 'FAISS.from_documents' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'i = VectorStoreIndex.from_documents(docs)\n' }],
    },
  },
];
