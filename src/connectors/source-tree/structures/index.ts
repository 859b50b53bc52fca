import { readDatasetCard, readModelCard } from './cards.ts';
import { readAzurePipelines, readCircleCi, readGitHubActions, readGitLabCi, readJenkins } from './ci.ts';
import { readCloudFormation, readKubernetes, readTerraform } from './cloud.ts';
import { readCodeOwners, readEvalConfig, readMcpConfig } from './configs.ts';
import { readDockerfile, readImages } from './containers.ts';
import { readDvcPipeline, readDvcPointer } from './dvc.ts';
import {
  readCargoToml,
  readCondaEnvironment,
  readGemfile,
  readGoMod,
  readGradle,
  readPackageJson,
  readPipfile,
  readPom,
  readProjectFile,
  readPyproject,
  readRequirements,
} from './manifests.ts';
import { readChatTemplate, readPromptFile } from './prompt-files.ts';
import type { Reader } from './reader.ts';

/** Readers by the name that structure rules give. Notebooks are read apart, because they also hold code. */
export const READERS: Readonly<Record<string, Reader>> = {
  'github-actions': readGitHubActions,
  'gitlab-ci': readGitLabCi,
  jenkins: readJenkins,
  circleci: readCircleCi,
  'azure-pipelines': readAzurePipelines,
  dockerfile: readDockerfile,
  images: readImages,
  terraform: readTerraform,
  cloudformation: readCloudFormation,
  kubernetes: readKubernetes,
  'package-json': readPackageJson,
  requirements: readRequirements,
  pyproject: readPyproject,
  pipfile: readPipfile,
  conda: readCondaEnvironment,
  'go-mod': readGoMod,
  cargo: readCargoToml,
  pom: readPom,
  gradle: readGradle,
  csproj: readProjectFile,
  gemfile: readGemfile,
  'model-card': readModelCard,
  'dataset-card': readDatasetCard,
  'code-owners': readCodeOwners,
  'dvc-pointer': readDvcPointer,
  'dvc-pipeline': readDvcPipeline,
  'prompt-file': readPromptFile,
  'chat-template': readChatTemplate,
  'mcp-config': readMcpConfig,
  'eval-config': readEvalConfig,
};
