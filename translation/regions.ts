/**
 * The regions of Amazon Translate, and those of them without Amazon Comprehend, which detects the language of a
 * message: `data/endpoints.json` of botocore 1.43.107, October 2026. The AWS SDK for JavaScript has no such list.
 */
const asOf = 'October 2026'
const withComprehend = [
  ...['us-east-1', 'us-east-2', 'us-west-2', 'ca-central-1', 'eu-central-1', 'eu-west-1', 'eu-west-2'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
  ...['us-gov-west-1', 'us-iso-east-1', 'us-isof-east-1', 'us-isof-south-1'],
]
const withoutComprehend = ['us-west-1', 'eu-north-1', 'eu-west-3', 'ap-east-1']

interface Stage {
  readonly region: string
  /** The region whose Amazon Translate is called; '' means the stage's own region. */
  readonly translateRegion: string
  /** The language of all messages; 'auto' detects it. */
  readonly sourceLanguage: string
}

/**
 * Checks that a stage can translate. Returns a message for the user; undefined if it can. A region that the operator
 * names is accepted even if the table lacks it, because AWS adds regions.
 */
export function untranslatable({ region, translateRegion, sourceLanguage }: Stage): string | undefined {
  if (!/^([a-z]+-){2,}\d+$|^$/.test(translateRegion)) {
    return `Expected the param "translateRegion" to be the code of a region, such as eu-central-1, got "${translateRegion}".`
  }
  if (!/^(auto|[a-z]{2}(-[A-Z]{2})?)$/.test(sourceLanguage)) {
    return `Expected the param "sourceLanguage" to be "auto" or the code of a language, such as "en", got "${sourceLanguage}".`
  }
  if (translateRegion !== '' && partitionOf(translateRegion) !== partitionOf(region)) {
    return (
      `The param "translateRegion" is "${translateRegion}", where the credentials of a stage in ${region} are not valid. ` +
      `Expected a region of the same partition, such as ${nearest(region) ?? region}.`
    )
  }
  const asked = translateRegion === '' ? region : translateRegion
  if (withComprehend.includes(asked)) return undefined
  if (withoutComprehend.includes(asked)) return sourceLanguage === 'auto' ? undetectable(asked) : undefined
  return translateRegion === '' ? unavailable(region) : undefined
}

function undetectable(region: string): string {
  return (
    `Amazon Translate cannot detect the language of a message in ${region}, because Amazon Comprehend is not available there ` +
    `(${asOf}). Set the param "translateRegion" to a region that has both, such as ${nearest(region) ?? 'us-east-1'}, or "sourceLanguage" to ` +
    'the code of the language that all messages are in, such as "en".'
  )
}

function unavailable(region: string): string {
  const elsewhere = nearest(region)
  if (elsewhere !== undefined) {
    return (
      `Amazon Translate is not available in ${region} (${asOf}). Set the param "translateRegion" to a region that has it, ` +
      `such as ${elsewhere}.`
    )
  }
  return (
    `Amazon Translate is not available in ${region}, nor in any other region of its partition (${asOf}). If it is by now, or if ` +
    `messages may come back untranslated, set the param "translateRegion" to "${region}".`
  )
}

/** The first region of the same partition in the table, preferably on the same continent. */
function nearest(region: string): string | undefined {
  const candidates = withComprehend.filter((each) => partitionOf(each) === partitionOf(region))
  const [continent = ''] = region.split('-')
  return candidates.find((each) => each.startsWith(`${continent}-`)) ?? candidates[0]
}

/** The region names of every partition except `aws` have a prefix of their own. */
function partitionOf(region: string): string {
  return /^(?:cn|us-gov|eusc|us-iso[a-z]*|eu-iso[a-z]*)(?=-)/.exec(region)?.[0] ?? 'aws'
}
