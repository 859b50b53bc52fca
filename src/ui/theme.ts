import {
  type ActionIconProps,
  type ButtonProps,
  type CheckboxProps,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type SelectProps,
  type TextInputProps,
  type TooltipProps,
  type VariantColorsResolver,
} from '@mantine/core';
import { NEUTRALS, type Scheme, TONES } from './palette.ts';

const PETROL: MantineColorsTuple = [
  '#e3eff1',
  '#c9dfe4',
  '#9cc6cf',
  '#77c8d9',
  '#3f93a6',
  '#1f7a8f',
  '#0a6a82',
  '#0b5567',
  '#094553',
  '#06222a',
];

// Mantine's grays lean to blue in light and to brown in dark; these sit between the neutrals of the palette.
const GRAY: MantineColorsTuple = [
  '#f6f6f3',
  '#efefeb',
  '#e1e1db',
  '#cfd0ca',
  '#bdc0bb',
  '#9a9d9a',
  '#7f8382',
  '#555b61',
  '#33383c',
  '#191c1f',
];

const DARK: MantineColorsTuple = [
  '#e7e9ea',
  '#c6cbcf',
  '#a4acb2',
  '#717a80',
  '#4a5359',
  '#2a3136',
  '#1d2327',
  '#181c1f',
  '#111416',
  '#0d1012',
];

const VERMILION: MantineColorsTuple = [
  '#fcebe9',
  '#f8cfcb',
  '#f2a39b',
  '#ff8a7f',
  '#e2574b',
  '#cf3a2e',
  '#bf2a20',
  '#b01f17',
  '#8f1811',
  '#370502',
];

const SANS = '"Plex Sans", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const MONO = '"Plex Mono", ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

// Locking the page's scrolling moves everything by the width of the scroll bar; styles.css keeps the wheel inside instead.
const dialog = { lockScroll: false, transitionProps: { duration: 120 } };

/**
 * Filled parts take their colors from the palette, by scheme. Mantine's own reckoning of a readable text color looks at
 * the light scheme only.
 */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== 'filled') return colors;
  const danger = input.color === 'vermilion';
  const ground = danger ? 'var(--a-fail-loud)' : 'var(--a-accent-ground)';
  return {
    ...colors,
    background: ground,
    hover: `color-mix(in srgb, ${ground} 88%, var(--a-text))`,
    color: danger ? 'var(--a-fail-on-loud)' : 'var(--a-accent-text)',
  };
};

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 3 },
  colors: { petrol: PETROL, vermilion: VERMILION, gray: GRAY, dark: DARK },
  autoContrast: true,
  variantColorResolver: variantColors,
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  headings: { fontFamily: SANS, fontWeight: '600' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  // By name and not through the components themselves, which would put all of them on the first screen.
  components: {
    Button: { defaultProps: { size: 'xs' } satisfies ButtonProps },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } satisfies ActionIconProps },
    Checkbox: {
      defaultProps: { size: 'xs' } satisfies CheckboxProps,
      vars: () => ({
        root: { '--checkbox-color': 'var(--a-accent-ground)', '--checkbox-icon-color': 'var(--a-accent-text)' },
      }),
    },
    TextInput: { defaultProps: { size: 'sm' } satisfies TextInputProps },
    PasswordInput: { defaultProps: { size: 'sm' } satisfies TextInputProps },
    NumberInput: { defaultProps: { size: 'sm' } satisfies TextInputProps },
    Textarea: { defaultProps: { size: 'sm' } satisfies TextInputProps },
    Select: { defaultProps: { size: 'sm', allowDeselect: false } satisfies SelectProps },
    MultiSelect: { defaultProps: { size: 'sm' } satisfies SelectProps },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Modal: { defaultProps: { ...dialog, centered: true } },
    Drawer: { defaultProps: { ...dialog, position: 'right' } },
    Tooltip: {
      defaultProps: {
        openDelay: 250,
        multiline: true,
        maw: 360,
        events: { hover: true, focus: true, touch: true },
      } satisfies Partial<TooltipProps>,
    },
  },
});

function variablesOf(scheme: Scheme): Record<string, string> {
  const base = NEUTRALS[scheme];
  const variables: Record<string, string> = {
    '--mantine-color-body': base.surface,
    '--mantine-color-text': base.text,
    '--mantine-color-dimmed': base.textQuiet,
    '--mantine-color-placeholder': base.textQuiet,
    '--mantine-color-anchor': base.accent,
    '--mantine-color-default': base.surface,
    '--mantine-color-default-hover': base.hover,
    '--mantine-color-default-color': base.text,
    '--mantine-color-default-border': base.lineButton,
    '--mantine-color-error': TONES[scheme].fail.ink,
    '--mantine-color-gray-light-color': base.textQuiet,
    '--mantine-color-gray-light-hover': base.hover,
  };
  for (const [name, color] of Object.entries(base)) variables[`--a-${kebab(name)}`] = color;
  for (const [name, tone] of Object.entries(TONES[scheme]))
    for (const [part, color] of Object.entries(tone)) variables[`--a-${kebab(name)}-${kebab(part)}`] = color;
  return variables;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: variablesOf('light'),
  dark: variablesOf('dark'),
});
